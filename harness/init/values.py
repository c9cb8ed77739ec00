"""Values that a name suggests: throw-away ones, and those that the private services fill in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.services.names import BUCKET, DATASET

if TYPE_CHECKING:
    from collections.abc import Mapping

# What the services, Python and Mage set in every run (docs/settings.md).
_GIVEN = re.compile(
    r"POSTGRES_(?:HOST|PORT|USER|PASSWORD|DB|DBNAME)|PG\w+"
    r"|MYSQL_(?:HOST|PORT|USER|PASSWORD|DATABASE)|STORAGE_EMULATOR_HOST"
    r"|BIGQUERY_EMULATOR_HOST|GOOGLE_APPLICATION_CREDENTIALS|GOOGLE_CLOUD_PROJECT|HOME|PATH|TMPDIR"
    r"|TZ|LANG|PWD|USER|MAGE_\w+|HTTPS?_PROXY"
)
_BY_MAGE = frozenset(
    [
        *("execution_date", "ds", "hr", "logger", "context", "env", "event", "configuration"),
        *("pipeline_uuid", "block_uuid", "pipeline_run_id", "spark", "ecs", "trigger_name"),
        *("interval_start_datetime", "interval_end_datetime", "interval_seconds"),
        *("execution_partition", "global_vars", "upstream_block_uuids", "retry", "params"),
    ]
)
_SUGGESTED = (
    (r"\w*(?:KEY|CREDENTIALS?|ACCOUNT)_?(?:FILE|PATH|DEST|JSON_PATH)\w*", "{key_file}"),
    (r"(?:GOOGLE|GCP|GCS|GCLOUD|BQ|BIGQUERY)_?CRED(?:ENTIAL)?S?", "{key_file}"),
    (r"(?:GCP|GOOGLE|GCLOUD|BQ|BIGQUERY)?_?PROJECT(?:_?ID|_NAME)?", "{gcp_project}"),
    (r"(?:\w+_)?BUCKET(?:_?NAME)?", "{gcs_bucket}"),
    (r"(?:\w+_)?DATASET(?:_?(?:NAME|ID))?", "{bigquery_dataset}"),
    (r"(?:MYSQL|MARIADB)_?(?:DB_?)?HOST(?:NAME)?", "{mysql_host}"),
    (r"(?:MYSQL|MARIADB)_?(?:DB_?)?PORT", "{mysql_port}"),
    (r"(?:MYSQL|MARIADB)_?(?:DB_?)?USER(?:NAME)?", "{mysql_user}"),
    (r"(?:MYSQL|MARIADB)_?(?:DB_?|ROOT_?)?PASS(?:WORD|WD)?", "{mysql_password}"),
    (r"(?:MYSQL|MARIADB)_?(?:DB_?)?(?:NAME|DATABASE|DB)", "{mysql_database}"),
    (r"(?:DB|DATABASE|PG|POSTGRES|PSQL)_?HOST(?:NAME)?", "{postgres_host}"),
    (r"(?:DB|DATABASE|PG|POSTGRES|PSQL)_?PORT", "{postgres_port}"),
    (r"(?:DB|DATABASE|PG|POSTGRES|PSQL)_?USER(?:NAME)?", "{postgres_user}"),
    (r"(?:DB|DATABASE|PG|POSTGRES|PSQL)_?PASS(?:WORD|WD)?", "{postgres_password}"),
    (r"(?:DB|DATABASE|POSTGRES)_?(?:NAME|DATABASE)|DBNAME", "{postgres_database}"),
    (r"(?:\w+_)?(?:LOCATION|REGION)", "US"),
    (r"(?:\w+_)?SCHEMA(?:_?NAME)?", "public"),
    (r"(?:\w+_)?(?:SIZE|LIMIT|COUNT|DAYS|HOURS|RETRIES|WORKERS|THREADS|ROWS|PAGES)", "100"),
)
_NUMBERS: dict[str, int] = {"year": 2021, "month": 1, "day": 1, "limit": 100, "page": 1}
THROW_AWAY = "throw-away"
"""What is written where a name suggests nothing."""


def is_given(name: str) -> bool:
    """Whether each run has a variable of the environment without being told.

    Args:
        name: Its name.
    """
    return bool(_GIVEN.fullmatch(name))


def is_by_mage(name: str) -> bool:
    """Whether Mage itself gives blocks a runtime variable.

    Args:
        name: Its name.
    """
    return name in _BY_MAGE


def suggested(name: str) -> str | None:
    """The value that the name of a variable of the environment suggests, or None.

    Args:
        name: Its name.
    """
    for pattern, value in _SUGGESTED:
        if re.fullmatch(pattern, name, re.IGNORECASE):
            return value
    return None


def suggested_secret(name: str) -> str:
    """The value of a secret: a Google key where its name says so, else a throw-away one.

    Args:
        name: Its name.
    """
    google = re.search(r"gcp|google|service_?acc|credential|bigquery|gcs", name, re.IGNORECASE)
    return "{key_json}" if google else suggested(name) or THROW_AWAY


def suggested_number(name: str) -> int | None:
    """The value that the name of a runtime variable suggests, or None.

    Args:
        name: Its name.
    """
    return _NUMBERS.get(name.lower())


def resolved(values: Mapping[str, str], *, gcp_project: str) -> dict[str, str]:
    """Those values that are the same in every run, with their placeholders filled in.

    Args:
        values: Values of the settings, by name.
        gcp_project: The Google Cloud project that the private services play.
    """
    known = {
        "{gcp_project}": gcp_project,
        "{gcs_bucket}": BUCKET,
        "{bigquery_dataset}": DATASET,
    }
    found = {}
    for name, value in values.items():
        filled = value
        for placeholder, meant in known.items():
            filled = filled.replace(placeholder, meant)
        if "{" not in filled:
            found[name] = filled
    return found
