"""``postgresql://`` means psycopg2, as in Mage's image, where SQLAlchemy's own choice is missing.

Mage leaves SQLAlchemy unpinned: 2.1 takes psycopg for a URL that names no driver, and a fresh
environment has it, but not psycopg.
"""

import importlib.util
from typing import Any

from mage_harness_tap.after_import import after_import


def watch() -> None:
    """Watch ``sqlalchemy.dialects.postgresql``."""
    after_import("sqlalchemy.dialects.postgresql", _choose)


def _choose(module: Any) -> None:
    driver = getattr(module.base.dialect, "driver", "")
    if driver == "psycopg" and importlib.util.find_spec("psycopg") is None:
        module.base.dialect = module.dialect = module.psycopg2.dialect
