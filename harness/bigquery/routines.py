"""Routines of datasets: SQL functions that statements call by ``dataset.name``.

A routine is kept as its REST resource tells it; "Method: routines.insert" and the type
StandardSqlDataType of the REST reference have the forms. SQL is the only language.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.entries import now_ms
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.types import type_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SCALAR, TABLE_VALUED = "SCALAR_FUNCTION", "TABLE_VALUED_FUNCTION"
ROUTINE_KEPT = ("description", "determinismLevel", "strictMode")
_ID = re.compile(r"[A-Za-z0-9_]{1,256}")


@dataclass(frozen=True, kw_only=True)
class RoutineRef:
    """The full name of a routine."""

    project: str
    dataset: str
    routine: str

    def __str__(self) -> str:
        return f"{self.project}:{self.dataset}.{self.routine}"

    def rest(self) -> dict[str, str]:
        """The RoutineReference resource."""
        return {"projectId": self.project, "datasetId": self.dataset, "routineId": self.routine}


@dataclass(frozen=True, kw_only=True)
class Routine:
    """A function of a dataset.

    Attributes:
        ref: Its name.
        kind: ``SCALAR_FUNCTION`` or ``TABLE_VALUED_FUNCTION``.
        body: The expression, or the query of a table function.
        arguments: Argument resources: a name, and a ``dataType`` or ``ANY_TYPE``.
        returns: The type of the result as a StandardSqlDataType, the columns of a table function
            as a StandardSqlTableType, or None where it is told by the body.
        kept: Other parts of the resource, as given.
        created: Milliseconds since the epoch.
        modified: Likewise.
        version: Changes with each change; the etag.
    """

    ref: RoutineRef
    kind: str = SCALAR
    body: str
    arguments: tuple[Mapping[str, Any], ...] = ()
    returns: Mapping[str, Any] | None = None
    kept: Mapping[str, Any] = field(default_factory=dict)
    created: int
    modified: int
    version: int = 1


class RoutineStore:
    """The routines of all datasets."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._routines: dict[RoutineRef, Routine] = {}

    def find(self, ref: RoutineRef) -> Routine | None:
        """A routine, or None. Names are told apart by case, as those of tables are."""
        with self._lock:
            return self._routines.get(ref)

    def get(self, ref: RoutineRef) -> Routine:
        """A routine.

        Raises:
            ApiError: It is not there.
        """
        found = self.find(ref)
        if found is None:
            raise ApiError("notFound", f"Not found: Routine {ref}")
        return found

    def of_dataset(self, project: str, dataset: str) -> list[Routine]:
        """The routines of a dataset, by name."""
        with self._lock:
            found = [
                one
                for ref, one in self._routines.items()
                if (ref.project, ref.dataset) == (project, dataset)
            ]
        return sorted(found, key=lambda one: one.ref.routine)

    def put(self, routine: Routine) -> Routine:
        """Add or replace a routine; its version and time of change go on."""
        with self._lock:
            old = self._routines.get(routine.ref)
            if old is not None:
                routine = replace(
                    routine, created=old.created, modified=now_ms(), version=old.version + 1
                )
            self._routines[routine.ref] = routine
            return routine

    def remove(self, ref: RoutineRef) -> None:
        """Remove a routine.

        Raises:
            ApiError: It is not there.
        """
        with self._lock:
            del self._routines[self.get(ref).ref]

    def all(self) -> dict[RoutineRef, Routine]:
        """All routines, for a snapshot."""
        with self._lock:
            return dict(self._routines)

    def put_all(self, routines: Mapping[RoutineRef, Routine]) -> None:
        """Replace all routines."""
        with self._lock:
            self._routines = dict(routines)


def routine_from_rest(resource: Mapping[str, Any], *, project: str, dataset: str) -> Routine:
    """Read a Routine resource.

    Args:
        resource: The resource.
        project: Where the call puts it.
        dataset: Likewise.

    Raises:
        ApiError: A part is missing or malformed, or is one that the stub does not do.
    """
    reference = resource.get("routineReference") or {}
    name = checked_id(str(reference.get("routineId") or ""))
    kind = str(resource.get("routineType") or "")
    if not kind:
        raise ApiError("required", "Required parameter is missing: routineType")
    if kind not in (SCALAR, TABLE_VALUED):
        raise UnsupportedError(f"routineType {kind}")
    language = str(resource.get("language") or "SQL")
    if language not in ("SQL", "LANGUAGE_UNSPECIFIED"):
        raise UnsupportedError(f"a routine in {language}")
    for option in ("remoteFunctionOptions", "sparkOptions", "pythonOptions", "dataGovernanceType"):
        if resource.get(option):
            raise UnsupportedError(f"a routine with {option}")
    body = str(resource.get("definitionBody") or "")
    if not body.strip():
        raise ApiError("required", "Required parameter is missing: definitionBody")
    arguments = tuple(resource.get("arguments") or ())
    for one in arguments:
        argument_sql(one)
    returns = resource.get("returnType" if kind == SCALAR else "returnTableType")
    if returns is not None and kind == SCALAR:
        type_sql(returns)
    moment = now_ms()
    return Routine(
        ref=RoutineRef(project=project, dataset=dataset, routine=name),
        kind=kind,
        body=body,
        arguments=arguments,
        returns=returns,
        kept={one: resource[one] for one in ROUTINE_KEPT if one in resource},
        created=moment,
        modified=moment,
    )


def routine_resource(routine: Routine) -> dict[str, Any]:
    """The Routine resource."""
    resource: dict[str, Any] = {
        "etag": f'"{routine.modified:x}-{routine.version}"',
        "routineReference": routine.ref.rest(),
        "routineType": routine.kind,
        "creationTime": str(routine.created),
        "lastModifiedTime": str(routine.modified),
        "language": "SQL",
        "definitionBody": routine.body,
        **{name: value for name, value in routine.kept.items() if value is not None},
    }
    if routine.arguments:
        resource["arguments"] = [dict(one) for one in routine.arguments]
    if routine.returns is not None:
        resource["returnType" if routine.kind == SCALAR else "returnTableType"] = routine.returns
    return resource


def checked_id(name: str) -> str:
    """A routine's id.

    Raises:
        ApiError: It is not allowed.
    """
    if not _ID.fullmatch(name):
        raise ApiError(
            "invalid",
            f'Invalid routine ID "{name}". Routine IDs must be alphanumeric (plus underscores) and '
            "must be at most 256 characters long.",
        )
    return name


def argument_sql(argument: Mapping[str, Any]) -> str:
    """An argument as CREATE FUNCTION has it.

    Raises:
        ApiError: It is malformed, or of a kind that the stub does not do.
    """
    kind = argument.get("argumentKind") or "FIXED_TYPE"
    if argument.get("mode") not in (None, "IN", "MODE_UNSPECIFIED") or argument.get("isAggregate"):
        raise UnsupportedError("such an argument of a routine")
    if kind not in ("FIXED_TYPE", "ANY_TYPE", "ARGUMENT_KIND_UNSPECIFIED"):
        raise UnsupportedError(f"an argument of a routine of {kind}")
    told = "ANY TYPE" if kind == "ANY_TYPE" else type_sql(argument.get("dataType") or {})
    return f"`{argument.get('name', '')}` {told}"


def type_sql(kind: Mapping[str, Any]) -> str:
    """A StandardSqlDataType as GoogleSQL.

    Raises:
        ApiError: There is no such type, or the stub has none.
    """
    name = str(kind.get("typeKind") or "")
    if name == "ARRAY":
        return f"ARRAY<{type_sql(kind.get('arrayElementType') or {})}>"
    if name == "STRUCT":
        return f"STRUCT<{columns_sql((kind.get('structType') or {}).get('fields') or ())}>"
    return type_name(name)


def columns_sql(fields: Iterable[Mapping[str, Any]]) -> str:
    """Fields of a StandardSqlDataType as GoogleSQL.

    Raises:
        ApiError: A type is one that the stub does not have.
    """
    return ", ".join(
        f"`{one['name']}` {type_sql(one.get('type') or {})}"
        if one.get("name")
        else type_sql(one.get("type") or {})
        for one in fields
    )
