"""Values that became values of another kind: days that became numbers, moments texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.expect.explain.pairs import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.expect.explain.pairs import Pairs

_EPOCH = "since 1970-01-01"


def of_another_kind(pairs: Pairs) -> str:
    """``DATE became INT64: days since 1970-01-01``, or only which type became which."""
    became = f"{pairs.expected} became {pairs.found}"
    words = pairs.first(_candidates(*pairs.kinds))
    return f"{became}: {words}" if words else became


def _candidates(expected: str, found: str) -> Iterator[tuple[str, str]]:
    """Conditions on the values, each with what it means."""
    if (expected, found) == ("date", "number"):
        yield "f = e - DATE '1970-01-01'", f"days {_EPOCH}"
        yield "f = strftime(e, '%Y%m%d')::BIGINT", "the digits of year, month and day"
    if expected in {"date", "timestamp"} and found == "number":
        for unit, ticks in UNITS.items():
            # Cut to the unit, as a cast does.
            micros = f"epoch_us(e)::HUGEINT * {ticks}"
            yield f"f::HUGEINT = ({micros} - {micros} % 1000000) // 1000000", f"{unit} {_EPOCH}"
    if found in {"date", "timestamp"} and expected == "number":
        yield "e = f::DATE - DATE '1970-01-01' AND f = f::DATE", f"days {_EPOCH} read as days"
        for unit, ticks in UNITS.items():
            yield f"epoch_us(f)::HUGEINT * {ticks} = e::HUGEINT * 1000000", f"{unit} {_EPOCH}"
    if (expected, found) == ("date", "timestamp"):
        yield "f = e::TIMESTAMP", "midnight of each day"
    if (expected, found) == ("timestamp", "date"):
        yield "e = f::TIMESTAMP", "all at midnight"
        yield "f = e::DATE", "the time of day is lost"
    if expected in {"date", "timestamp"} and found == "text":
        yield "TRY_CAST(f AS TIMESTAMP) = e::TIMESTAMP", "their ISO text"
        yield "TRY_CAST(f AS DATE) = e::DATE", "the ISO text of the day, without the time"
    if expected == "text" and found in {"date", "timestamp"}:
        yield "TRY_CAST(e AS TIMESTAMP) = f::TIMESTAMP", "the ISO text was read"
    yield from _plain_values(expected, found)


def _plain_values(expected: str, found: str) -> Iterator[tuple[str, str]]:
    if (expected, found) == ("boolean", "number"):
        yield "f = e::INT", "false is 0, true is 1"
    if (expected, found) == ("number", "boolean"):
        yield "e = f::INT", "0 is false, 1 is true"
        yield "f = (e <> 0)", "0 is false, all others are true"
    if (expected, found) == ("boolean", "text"):
        yield "TRY_CAST(f AS BOOLEAN) = e", "their text"
    if (expected, found) == ("text", "boolean"):
        yield "TRY_CAST(e AS BOOLEAN) = f", "the text was read"
    if (expected, found) == ("number", "text"):
        yield "f = e::VARCHAR", "their text"
        yield "TRY_CAST(f AS DOUBLE) = e::DOUBLE", "their text, written in another way"
    if (expected, found) == ("text", "number"):
        yield "e = f::VARCHAR", "the text was read"
        yield (
            "TRY_CAST(e AS DOUBLE) = f::DOUBLE AND ltrim(e, '0') = f::VARCHAR",
            "the text was read and its leading zeros are lost",
        )
        yield "TRY_CAST(e AS DOUBLE) = f::DOUBLE", "the text was read"
    if found == "text" and expected.startswith(("list", "struct", "map")):
        yield "regexp_matches(f, '^\\s*[\\[{]')", "text of lists or objects, such as JSON"
    if (expected, found) == ("binary", "text"):
        yield "encode(f) = e", "the bytes as text"
