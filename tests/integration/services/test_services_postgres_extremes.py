"""What the least and the greatest number of a long column say of all is asked of PostgreSQL."""

from __future__ import annotations

import pytest

from harness.errors import ExpectationError, InputError
from harness.expect import Expect

KINDS = ("smallint", "integer", "bigint", "real", "double precision")
_ODD = "n = 54321"
_COLUMNS = {
    **{kind: f"(n % 5)::{kind}" for kind in KINDS},
    "precise": "(n % 5)::numeric(4, 1)",
    "text": "'zone ' || n % 5",
    "empty": f"CASE WHEN NOT {_ODD} THEN n % 5 END",
    "low": f"CASE WHEN {_ODD} THEN -1 ELSE n % 5 END",
    "high": f"CASE WHEN {_ODD} THEN 5.5::real ELSE (n % 5)::real END",
    "nan": f"CASE WHEN {_ODD} THEN 'NaN'::float8 ELSE (n % 5)::float8 END",
    "endless": f"CASE WHEN {_ODD} THEN '-Infinity'::float8 ELSE (n % 5)::float8 END",
    "nothing": "NULL::int",
}


@pytest.fixture
def column(server):
    """Gives a column of many rows, of a table that has no other."""

    def made(name: str, *, relation: str = "trips"):
        server.execute(
            f'CREATE TABLE trips AS SELECT {_COLUMNS[name]} AS "{name}"'
            " FROM generate_series(1, 100000) n; CREATE VIEW shown AS SELECT * FROM trips"
        )
        return Expect(postgres=server).table(relation).column(name)

    return made


@pytest.fixture
def calls(server, monkeypatch) -> list[str]:
    """What is asked of the service from now on."""
    made: list[str] = []

    def watched(name: str) -> None:
        method = getattr(server, name)
        monkeypatch.setattr(server, name, lambda *args: made.append(name) or method(*args))

    for name in ("read", "read_column", "read_extremes"):
        watched(name)
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_no_value_is_read_where_all_are_as_expected(column, calls, kind):
    column(kind).no_nulls().between(0, 4).between(None, 4).between(0, None)
    assert calls == ["read_extremes"]


@pytest.mark.parametrize(("name", "limits"), [("empty", (0, 4)), ("nothing", (1, 2))])
def test_nulls_are_no_values(column, calls, name, limits):
    column(name).between(*limits)
    assert calls == ["read_extremes"]


@pytest.mark.parametrize(
    ("name", "limits", "rows"),
    [
        ("low", (0, 4), "1"),
        ("high", (0, 5), "1"),
        ("nan", (0, 4), "1"),
        ("nan", (None, 4), "1"),
        ("endless", (0, 4), "1"),
        ("bigint", (1, 4), "20,000"),
        ("real", (0, 3), "20,000"),
    ],
)
def test_values_outside_are_found(column, name, limits, rows):
    with pytest.raises(ExpectationError, match=f"{rows} of 100,000"):
        column(name).between(*limits)


@pytest.mark.parametrize(("name", "rows"), [("empty", "1"), ("nan", "1"), ("nothing", "100,000")])
def test_nulls_are_found(column, name, rows):
    with pytest.raises(ExpectationError, match=f"no nulls in column {name}, found {rows} "):
        column(name).no_nulls()


@pytest.mark.parametrize(("name", "limits"), [("precise", (0, 4)), ("text", ("zone 0", "zone 4"))])
def test_what_has_another_type_or_order_in_arrow_is_read(column, calls, name, limits):
    column(name).no_nulls().between(*limits)
    assert calls == ["read_extremes", "read_column"]


def test_a_view_is_read_and_not_computed_besides(column, calls):
    column("integer", relation="shown").between(0, 4).no_nulls()
    assert calls == ["read_extremes", "read_column"]


def test_a_column_that_has_been_read_is_asked_for_no_more(column, calls):
    numbers = column("integer")
    with pytest.raises(ExpectationError):
        numbers.unique()
    calls.clear()
    numbers.no_nulls().between(0, 4)
    assert calls == []


def test_limits_of_another_kind_are_refused_as_ever(column):
    with pytest.raises(InputError):
        column("integer").between("a", "b")
