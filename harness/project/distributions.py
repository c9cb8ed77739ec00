"""Names of packages: what modules are installed as, and names that are no packages."""

from __future__ import annotations

import re
import sys

from harness.nearest import nearest

DISTRIBUTIONS = {
    "MySQLdb": "mysqlclient",
    "PIL": "Pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "dbt": "dbt-core",
    "dotenv": "python-dotenv",
    "git": "GitPython",
    "jwt": "PyJWT",
    "kafka": "kafka-python",
    "mysql": "mysql-connector-python",
    "psycopg2": "psycopg2-binary",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "telegram": "python-telegram-bot",
    "yaml": "PyYAML",
}
"""For modules that are not called as what is installed, what is."""

# What the index has under these names is empty, broken or something else.
_INSTEAD = {
    **{name.lower(): DISTRIBUTIONS[name] for name in ("PIL", "cv2", "dateutil", "dotenv")},
    **{name: DISTRIBUTIONS[name] for name in ("skimage", "sklearn", "yaml", "psycopg2")},
}
_SYSTEM = re.compile(
    r"lib[\w.+-]+-dev|[\w.+-]+-dev|build-essential|default-j(?:dk|re)[\w-]*|openjdk-[\w-]+|gcc|g\+\+|make"
    r"|apt-utils|ca-certificates|curl|unzip|vim|nano|gnupg2?|postgresql-client[\w-]*|unixodbc"
    r"|software-properties-common|lsb-release|freetds-\w+"
)
_KNOWN = (
    *("adbc-driver-postgresql", "aiohttp", "boto3", "clickhouse-connect", "confluent-kafka"),
    *("connectorx", "dask", "db-dtypes", "dbt-bigquery", "dbt-core", "dbt-duckdb", "dbt-postgres"),
    *("duckdb", "fastparquet", "gcsfs", "geopandas", "google-cloud-bigquery", "openpyxl"),
    *("google-cloud-storage", "great-expectations", "gspread", "httpx", "kaggle", "lightgbm"),
    *("matplotlib", "mlflow", "mysql-connector-python", "mysqlclient"),
    *("numpy", "pandas", "pandas-gbq", "pandas-ta", "plotly", "polars"),
    *("prophet", "psycopg", "pyarrow", "pydantic", "pymongo", "pymysql", "pyspark", "pytest"),
    *("python-dotenv", "redis", "requests", "s3fs", "scipy", "seaborn", "selenium", "shapely"),
    *("snowflake-connector-python", "sqlalchemy", "statsmodels", "tensorflow", "torch", "tqdm"),
    *("transformers", "xgboost", "xlrd", "yfinance"),
)


def canonical(name: str) -> str:
    """A package's name as the index compares it.

    Args:
        name: The name, such as ``Google_Cloud.Storage``.
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def instead_of(name: str) -> str | None:
    """What is installed in place of a package that cannot be, or is not what is meant.

    Args:
        name: The package's name.
    """
    return _INSTEAD.get(canonical(name))


def is_system(name: str) -> bool:
    """Whether a name is one of apt's, and not of Python's packages.

    Args:
        name: The name.
    """
    return bool(_SYSTEM.fullmatch(name))


def is_standard(name: str) -> bool:
    """Whether a name is a module of Python's own.

    Args:
        name: The name.
    """
    return name in sys.stdlib_module_names


def likely(name: str) -> list[str]:
    """The packages that somebody who wrote a name may have meant.

    Args:
        name: A name that is no package.
    """
    modules = {canonical(module): package for module, package in DISTRIBUTIONS.items()}
    near = nearest(canonical(name), [*_KNOWN, *modules])
    return list(dict.fromkeys(modules.get(one, one) for one in near))
