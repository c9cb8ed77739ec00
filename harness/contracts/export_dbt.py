"""Contracts as dbt's sources with data tests, for dbt 1.8 and later.

Of what a contract says, dbt itself can test nulls, a key of one column and sets of values; the
rest needs packages, and is left out.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from harness.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.contracts.model import ColumnRule, Contract, Service, SinkRule

_HEAD = "# From contracts of mage-harness: mage-harness contract export --to dbt\n"
_SIGNS = re.compile(r"['\\\n\r\t]")
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_TABLES = ("postgres", "bigquery")


def sources_text(contracts: Sequence[Contract], *, service: Service | None = None) -> str:
    """The text of a ``sources.yml``.

    Args:
        contracts: The contracts; of what they say, tables are told.
        service: Of which service's tables; needed where there are some of several.

    Raises:
        InputError: None of them speaks of a table, or it is not clear which database is meant.
    """
    found = sorted(
        {
            at
            for contract in contracts
            for at, _ in contract.sinks()
            if at in _TABLES and service in (None, at)
        }
    )
    if len(found) > 1:
        raise InputError(
            "a project of dbt speaks to one database, and the contracts to two",
            evidence=found,
            remedy=f"name one: --service {found[0]}",
        )
    sources: dict[str, dict[str, Any]] = {}
    for contract in contracts:
        for (at, name), rule in contract.sinks().items():
            if at in found:
                schema, _, table = name.rpartition(".")
                source = sources.setdefault(schema, _source(schema))
                source["tables"] = [
                    *(one for one in source["tables"] if one["name"] != table),
                    _table(contract.pipeline, table, rule, service=at),
                ]
    if not sources:
        raise InputError(
            "there is no table to tell dbt of",
            cause="dbt knows tables, and the contracts speak of objects only",
            remedy="export contracts of pipelines that write to PostgreSQL or BigQuery",
        )
    yaml = YAML()
    yaml.width = 1 << 16
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump({"version": 2, "sources": list(sources.values())}, stream)
    return _HEAD + stream.getvalue()


def _source(schema: str) -> dict[str, Any]:
    # A table of another project of BigQuery has that in front.
    database, _, name = schema.rpartition(".")
    known = {"database": database} if database else {}
    return {"name": re.sub(r"\W", "_", name), **known, "schema": name, "tables": []}


def _table(pipeline: str, name: str, rule: SinkRule, *, service: str) -> dict[str, Any]:
    unique = rule.key.columns if rule.key is not None and len(rule.key.columns) == 1 else ()
    columns = [
        _column(column, said, unique=column in unique, service=service)
        for column, said in (rule.columns or {}).items()
    ]
    told = {"name": name, "description": f"Written by the pipeline {pipeline}."}
    return told | ({"columns": columns} if columns else {})


def _column(name: str, rule: ColumnRule | None, *, unique: bool, service: str) -> dict[str, Any]:
    told: dict[str, Any] = {"name": name}
    if rule is not None and rule.type is not None:
        told["data_type"] = rule.type
    if not _PLAIN.fullmatch(name):
        told["quote"] = True
    tests: list[Any] = []
    if rule is not None and not rule.volatile and rule.nulls == 0:
        tests.append("not_null")
    if unique:
        tests.append("unique")
    if rule is not None and not rule.volatile and rule.isin:
        tests.append({"accepted_values": _accepted(rule.isin, service)})
    return told | ({"data_tests": tests} if tests else {})


def _accepted(values: Sequence[Any], service: str) -> dict[str, Any]:
    """The arguments of ``accepted_values``; a null always passes.

    dbt puts texts into quotes as they are, so those with signs of SQL come as literals.
    """
    known = [value for value in values if value is not None]
    if not all(isinstance(value, str) for value in known):
        return {"values": known, "quote": False}
    if not any(_SIGNS.search(value) for value in known):
        return {"values": known}
    return {"values": [_literal(value, service) for value in known], "quote": False}


def _literal(text: str, service: str) -> str:
    if service == "bigquery":
        text = _SIGNS.sub(lambda sign: sign[0].encode("unicode_escape").decode(), text)
        return "'" + text.replace("'", "\\'") + "'"
    return "'" + text.replace("'", "''") + "'"
