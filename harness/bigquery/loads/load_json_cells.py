"""One row of JSON as SQL: its cells with BigQuery's types, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.bigquery.loads.parsing import parsed
from harness.bigquery.types import Field, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence


def cell(field: Field, *, node: str = "j", depth: int = 0, loose: bool = False) -> str:
    """SQL of a column's value.

    Args:
        field: The column, or a field of a STRUCT.
        node: SQL of the JSON object that has it.
        depth: How many ARRAYs it stands in, for distinct names.
        loose: Whether members are looked for without regard to case.
    """
    node = _member(node, field, loose)
    if not field.repeated:
        return _one(field, node, depth, loose)
    item = f"item_{depth}"
    one = _one(field, item, depth + 1, loose)
    items = f"list_transform(CAST({node} AS JSON[]), lambda {item} : {one})"
    kind = f"CAST([] AS {field.duckdb_type})"
    return f"CASE WHEN {_is_null(node)} THEN {kind} ELSE {items} END"


def problem(fields: Sequence[Field], *, unknown: bool, loose: bool = False) -> str:
    """SQL of what is wrong with a row in the column ``line``, NULL where nothing is.

    Args:
        fields: The columns.
        unknown: Whether a member that the columns do not have is wrong.
        loose: Whether members are looked for without regard to case.
    """
    node = "CAST(line AS JSON)"
    look = _Look(unknown=unknown, loose=loose)
    inner = _object_problem(fields, node, "", look, depth=0)
    return (
        "(CASE WHEN NOT json_valid(line) THEN 'Parser terminated before end of string' "
        f"WHEN json_type({node}) <> 'OBJECT' THEN 'Start of array encountered without start of "
        f"object.' ELSE {inner} END)"
    )


def spelled_otherwise(
    fields: Sequence[Field], *, node: str = "TRY_CAST(line AS JSON)", depth: int = 0
) -> str:
    """SQL of whether a member has the name of a column in another case.

    Args:
        fields: The columns, or the fields of a STRUCT.
        node: SQL of the JSON object.
        depth: How many ARRAYs it stands in, for distinct names.
    """
    if not fields:
        return "false"
    names = ", ".join(literal(field.name) for field in fields)
    lower = ", ".join(literal(field.name.lower()) for field in fields)
    key = f"spelled_{depth}"
    test = f"lower({key}) IN ({lower}) AND {key} NOT IN ({names})"
    parts = [f"len(list_filter(json_keys({node}), lambda {key} : {test})) > 0"]
    for field in fields:
        inside = _member(node, field, loose=False)
        if field.type == "STRUCT" and field.repeated:
            item = f"within_{depth}"
            one = spelled_otherwise(field.fields, node=item, depth=depth + 1)
            items = f"TRY_CAST({inside} AS JSON[])"
            parts.append(f"len(list_filter({items}, lambda {item} : {one})) > 0")
        elif field.type == "STRUCT":
            parts.append(spelled_otherwise(field.fields, node=inside, depth=depth + 1))
    return "(" + " OR ".join(f"coalesce({part}, false)" for part in parts) + ")"


@dataclass(frozen=True, kw_only=True)
class _Look:
    unknown: bool
    loose: bool


def _object_problem(
    fields: Sequence[Field], node: str, prefix: str, look: _Look, *, depth: int
) -> str:
    parts = []
    if look.unknown:
        known = ", ".join(literal(field.name.lower()) for field in fields)
        key = f"key_{depth}"
        strange = f"list_filter(json_keys({node}), lambda {key} : lower({key}) NOT IN ({known}))[1]"
        parts.append(f"{literal(f'No such field: {prefix}')} || {strange} || '.'")
    parts += [
        _field_problem(field, _member(node, field, look.loose), prefix, look, depth=depth)
        for field in fields
    ]
    return f"coalesce({', '.join([*parts, 'NULL'])})"


def _field_problem(field: Field, node: str, prefix: str, look: _Look, *, depth: int) -> str:
    name = prefix + field.name
    if field.repeated:
        item = f"wrong_{depth}"
        one = _value_problem(field, item, name, look, depth=depth + 1)
        null = literal(f"Only optional fields can be set to NULL. Field: {name}; Value: NULL")
        one = f"CASE WHEN {_is_null(item)} THEN {null} ELSE {one} END"
        text = literal(f"Repeated field must be imported as a JSON array. Field: {name}.")
        found = (
            f"list_filter(list_transform(CAST({node} AS JSON[]), lambda {item} : {one}), "
            f"lambda told_{depth} : told_{depth} IS NOT NULL)[1]"
        )
        return (
            f"CASE WHEN {_is_null(node)} THEN NULL "
            f"WHEN json_type({node}) <> 'ARRAY' THEN {text} ELSE {found} END"
        )
    null = "NULL"
    if field.mode == "REQUIRED":
        given = literal(f"Only optional fields can be set to NULL. Field: {name}; Value: NULL")
        missing = literal(f"Missing required field: {name}.")
        null = f"CASE WHEN {node} IS NULL THEN {missing} ELSE {given} END"
    inner = _value_problem(field, node, name, look, depth=depth)
    return f"CASE WHEN {_is_null(node)} THEN {null} ELSE {inner} END"


def _value_problem(field: Field, node: str, name: str, look: _Look, *, depth: int) -> str:
    if field.type == "STRUCT":
        inner = _object_problem(field.fields, node, f"{name}.", look, depth=depth)
        text = literal(f"Expected an object for the record field {name}.")
        return f"CASE WHEN json_type({node}) <> 'OBJECT' THEN {text} ELSE {inner} END"
    if field.type == "JSON":
        return "NULL"
    array = literal(f"Array specified for non-repeated field: {name}.")
    record = literal(f"JSON object specified for non-record field: {name}")
    value = parsed(field.type, _text(node))
    told = literal(f"Could not convert value to {field.type}. Field: {name}; Value: ")
    return (
        f"CASE WHEN json_type({node}) = 'ARRAY' THEN {array} "
        f"WHEN json_type({node}) = 'OBJECT' THEN {record} "
        f"WHEN ({value}) IS NULL THEN {told} || {_text(node)} END"
    )


def _one(field: Field, node: str, depth: int, loose: bool) -> str:  # noqa: FBT001
    if field.type == "STRUCT":
        inner = ", ".join(
            f"{quoted(one.name)} := {cell(one, node=node, depth=depth, loose=loose)}"
            for one in field.fields
        )
        return f"CASE WHEN {_is_null(node)} THEN NULL ELSE struct_pack({inner}) END"
    value = node if field.type == "JSON" else parsed(field.type, _text(node))
    return f"CASE WHEN {_is_null(node)} THEN NULL ELSE {value} END"


def _member(node: str, field: Field, loose: bool) -> str:  # noqa: FBT001
    exact = f"""json_extract({node}, '$."{field.name}"')"""
    if not loose:
        return exact
    name = literal(field.name.lower())
    spelled = (
        f"list_filter(json_keys({node}), lambda k_{field.name} : lower(k_{field.name}) = {name})[1]"
    )
    return f"""coalesce({exact}, json_extract({node}, '$."' || {spelled} || '"'))"""


def _text(node: str) -> str:
    return f"json_extract_string({node}, '$')"


def _is_null(node: str) -> str:
    return f"({node} IS NULL OR json_type({node}) = 'NULL')"
