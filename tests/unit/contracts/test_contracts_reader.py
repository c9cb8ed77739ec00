"""Mistakes in a contract's file are told with their line, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.contracts.reader import parse_document, read_document
from harness.errors import InputError

HEAD = "contract: 1\npipeline: shop\n"


def refused(text: str) -> str:
    with pytest.raises(InputError) as failure:
        parse_document(text, file=Path("c.yaml"))
    return str(failure.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{HEAD}postgress: {{}}\n", "c.yaml:3: postgress: no contract says this; did you mean"),
        (f"{HEAD}postgres:\n  a.b:\n    row: 1\n", "c.yaml:5: postgres a.b row: no contract says"),
        (
            f"{HEAD}postgres:\n  a.b:\n    columns:\n      c: {{beween: [1, 2]}}\n",
            "c.yaml:6: postgres a.b columns c beween: no contract says this; did you mean between?",
        ),
        (
            f"{HEAD}gcs:\n  a/b:\n    rows: {{mn: 1}}\n",
            "c.yaml:5: gcs a/b rows mn: no contract says this; did you mean min?",
        ),
        (f"{HEAD}gcs:\n  a/b:\n    rows: six\n", "c.yaml:5: gcs a/b rows: "),
        ("pipeline: shop\n", "c.yaml:1: the file: contract is missing"),
        ("contract: 1\npipeline: a\npipeline: b\n", "c.yaml:3: the contract is not valid YAML"),
        ("contract: 1\n\tpipeline: a\n", "c.yaml:2: the contract is not valid YAML"),
        (f"{HEAD}<<<<<<< HEAD\nexact: true\n", "c.yaml:3: a conflict of a merge"),
        (f"{HEAD}=======\n", "c.yaml:3: a conflict of a merge"),
        (f"{HEAD}>>>>>>> theirs\n", "c.yaml:3: a conflict of a merge"),
        (f"{HEAD}postgres:\n  1: {{}}\n", "c.yaml:4: 1 stands where a name is needed"),
        (f"{HEAD}postgres: [\n", "c.yaml:3: the contract is not valid YAML"),
        (f"{HEAD}postgres: {{a.b: {{rows: {{min: 2, max: 1}}}}}}\n", "the least is more than"),
        ("", "c.yaml:1: a contract is a mapping"),
        ("- a\n", "c.yaml:1: a contract is a mapping"),
        ("a\0b", "is not valid YAML"),
        (f"{HEAD}gcs:\n  a/b: &a {{rows: 1}}\n  a/c: *a\n", "c.yaml:4: an alias stands for"),
        (f"{HEAD}gcs: {'[' * 800}\n", "nested too deeply"),
    ],
)
def test_mistakes(text, told):
    assert told in refused(text)
    assert "remedy:" in refused(text)


def test_all_mistakes_are_told_at_once():
    text = f"{HEAD}gcs:\n  a/b: {{rows: x, ky: 1}}\n  c/d: {{columns: {{e: {{nulls: -1}}}}}}\n"
    message = refused(text)
    assert [part in message for part in ("a/b rows", "a/b ky", "c/d columns e nulls")] == [True] * 3


def test_dates_without_quotes_are_dates():
    text = (
        f"{HEAD}postgres:\n  a.b:\n    columns:\n      d: {{between: [2021-01-01, 2021-01-31]}}\n"
    )
    rule = parse_document(text, file=Path("c.yaml")).contract.sinks()["postgres", "a.b"]
    assert rule.columns["d"].between == ("2021-01-01", "2021-01-31")


def test_a_file_that_is_not_there_or_no_text(tmp_path):
    with pytest.raises(InputError, match="there is no contract"):
        read_document(tmp_path / "shop.yaml")
    (tmp_path / "shop.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="cannot be read"):
        read_document(tmp_path / "shop.yaml")
