"""The statements of tests/bigquery_corpus through the public client; known differences are strict."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from dateutil.relativedelta import relativedelta
from google.api_core.exceptions import GoogleAPICallError
from google.cloud.bigquery import (
    ArrayQueryParameter,
    QueryJobConfig,
    RangeQueryParameter,
    ScalarQueryParameter,
    StructQueryParameter,
)

CORPUS = Path(__file__).parents[2] / "bigquery_corpus"
CHAPTERS = sorted(CORPUS.glob("*.txt"))
_LINE = re.compile(r"(?P<sql>.*?) (?P<mark>=>|!!) (?P<wanted>.*?)(?: ## (?P<known>.+))?")
_WORDS = ("SELECT", "WITH", "CREATE", "INSERT", "UPDATE", "DELETE", "MERGE", "DROP", "ALTER", "(")
_WORDS += ("TRUNCATE", "DECLARE", "BEGIN", "CALL", "EXPORT", "SELEC", "SET ", "FROM ")
_NAMES = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL"}


def entries(chapter: Path):
    for line in chapter.read_text().splitlines():
        if not line.strip() or line.startswith("# "):
            continue
        if line.startswith("> "):
            yield line[2:], ">", "", None
            continue
        found = _LINE.fullmatch(line)
        assert found, line
        sql = found["sql"]
        if not sql.upper().startswith(_WORDS) or (sql.startswith("(") and "SELECT" not in sql[:8]):
            sql = f"SELECT {sql}"
        yield sql, found["mark"], found["wanted"], found["known"]


def kind(field) -> str:
    if field.field_type == "RECORD":
        name = f"STRUCT<{', '.join(f'{one.name} {kind(one)}' for one in field.fields)}>"
    else:
        name = _NAMES.get(field.field_type, field.field_type)
    if name == "RANGE":
        name = f"RANGE<{field.range_element_type.element_type}>"
    return f"ARRAY<{name}>" if field.mode == "REPEATED" else name


def shown(value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    if isinstance(value, relativedelta):
        return interval(value)
    if isinstance(value, dict) and list(value) == ["start", "end"]:
        ends = (shown(value[name]) or "UNBOUNDED" for name in value)
        return f"[{', '.join(ends)})"
    if isinstance(value, dict):
        return {name: shown(one) for name, one in value.items()}
    if isinstance(value, list):
        return [shown(one) for one in value]
    return value


def interval(value: relativedelta) -> str:
    """The canonical form, which the client has taken apart."""
    months = value.years * 12 + value.months
    micros = ((value.hours * 60 + value.minutes) * 60 + value.seconds) * 10**6 + value.microseconds
    total, fraction = divmod(abs(micros), 10**6)
    tail = f".{fraction:06}".removesuffix("000") if fraction else ""
    clock = f"{total // 3600}:{total // 60 % 60}:{total % 60}{tail}"
    calendar = f"{'-' * (months < 0)}{abs(months) // 12}-{abs(months) % 12}"
    return f"{calendar} {value.days} {'-' * (micros < 0)}{clock}"


def parameter(name: str | None, kind: str, value):
    """A query parameter of the corpus as the client's."""
    if kind.startswith("ARRAY<"):
        inner = kind[6:-1]
        if inner.startswith("STRUCT<"):
            return ArrayQueryParameter(
                name, "RECORD", [parameter(None, inner, one) for one in value]
            )
        return ArrayQueryParameter(name, inner, value)
    if kind.startswith("STRUCT<"):
        pairs = [one.split(" ") for one in kind[7:-1].split(", ")]
        return StructQueryParameter(
            name, *(parameter(field, inner, value[field]) for field, inner in pairs)
        )
    if kind.startswith("RANGE<"):
        return RangeQueryParameter(kind[6:-1], *value, name=name)
    if kind == "BYTES" and value is not None:
        value = base64.b64decode(value)
    return ScalarQueryParameter(name, kind, value)


def configuration(text: str) -> QueryJobConfig:
    """The parameters that stand behind a statement."""
    given = json.loads(text)
    pairs = given.items() if isinstance(given, dict) else ((None, one) for one in given)
    return QueryJobConfig(query_parameters=[parameter(name, *one) for name, one in pairs])


def answered(client, sql: str) -> str:
    """What the stub says: types and rows, or the error's message."""
    sql, _, parameters = sql.partition(" ;; ")
    try:
        rows = client.query_and_wait(sql, job_config=configuration(parameters or "[]"))
    except GoogleAPICallError as error:
        return f"!! {error.message}"
    types = ", ".join(kind(one) for one in rows.schema or ())
    return f"=> {types} {json.dumps([[shown(cell) for cell in row.values()] for row in rows])}"


def same(found, wanted) -> bool:
    if isinstance(found, float) and isinstance(wanted, int | float):
        return found == pytest.approx(wanted, rel=1e-12)
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(found, dict) and isinstance(wanted, dict):
        return list(found) == list(wanted) and all(same(found[one], wanted[one]) for one in found)
    return type(found) is type(wanted) and found == wanted


def fits(answer: str, mark: str, wanted: str) -> bool:
    if mark == ">":
        return answer.startswith("=>")
    if mark == "!!":
        return answer.startswith("!!") and wanted in answer and "BigQuery stub" not in answer
    if not answer.startswith("=>"):
        return False
    decoder = json.JSONDecoder()
    start = next(
        place
        for place in range(len(wanted) - 1, -1, -1)
        if (place == 0 or wanted[place - 1] == " ")
        and _is_json(wanted[place:])
        and not _is_json_before(wanted, place)
    )
    types, value = wanted[:start].strip(), decoder.decode(wanted[start:])
    rows = (
        value
        if isinstance(value, list)
        and all(isinstance(one, list) for one in value)
        and (value or "[]" in wanted)
        and not _one_array(types, value)
        else [[value]]
    )
    found = answer[3:]
    place = found.index(" [") if types else 0
    place = len(types) + 1 if found.startswith(f"{types} ") else -1
    return place > 0 and same(decoder.decode(found[place:]), rows)


def _one_array(types: str, value) -> bool:
    return types.startswith("ARRAY<") and value == []


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _is_json_before(wanted: str, place: int) -> bool:
    """Whether a longer JSON begins earlier: ``1]`` in ``[0, 1]`` does not count."""
    return any(
        _is_json(wanted[earlier:])
        for earlier in range(place)
        if earlier == 0 or wanted[earlier - 1] == " "
    )


@pytest.mark.parametrize("chapter", CHAPTERS, ids=[one.stem for one in CHAPTERS])
def test_the_statements_of_a_chapter(client, chapter):
    wrong = []
    for sql, mark, wanted, known in entries(chapter):
        answer = answered(client, sql)
        right = fits(answer, mark, wanted)
        if known is None and not right:
            wrong.append(f"{sql}\n    wanted {mark} {wanted}\n    found  {answer}")
        elif known is not None and (right or known not in answer):
            wrong.append(
                f"{sql}\n    no longer the known difference {known!r}\n    found  {answer}"
            )
    assert not wrong, f"{len(wrong)} statements\n" + "\n".join(wrong)


def test_the_corpus_does_not_shrink():
    listed = [one for chapter in CHAPTERS for one in entries(chapter)]
    assert len(listed) >= 1270
