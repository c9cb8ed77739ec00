"""Schemas that two blocks have Mage make in PostgreSQL at the same time.

In production the schema is there, and neither makes it; in a new database one of them fails with a
unique violation.
"""

from typing import Any

from mage_harness_tap.after_import import after_import


def watch() -> None:
    """Let a schema that another block has just made be one that is there."""
    after_import("mage_ai.io.postgres", _watch)


def _watch(module: Any) -> None:
    def built(_self: Any, schema_name: str) -> str:
        return (
            "DO $harness$ BEGIN IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = '%s') "
            "THEN EXECUTE 'CREATE SCHEMA %s'; END IF; "
            "EXCEPTION WHEN duplicate_schema OR unique_violation THEN NULL; END $harness$;"
            % (schema_name.strip('"'), schema_name)
        )

    module.Postgres.build_create_schema_command = built
