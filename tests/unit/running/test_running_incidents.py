"""What services saw, as problems for a reader."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.replay.journal import Exchange, Journal
from harness.running.verdict.services import block_at, problems
from harness.services.http import RecordedHttp
from harness.services.protocol import Incident

URL = "https://files.example.com/taxi/trips_2021-03.csv.gz"


def messages(*incidents):
    evidence = SimpleNamespace(
        incidents=incidents, expected=list, pipeline=SimpleNamespace(uuid="taxi")
    )
    return [problem.message for problem in problems(evidence)]


def test_a_url_that_nothing_answers_is_told_with_what_to_type_and_once_beside_that(tmp_path):
    journal = Journal(tmp_path / "requests.jsonl")
    journal.write(
        Exchange(
            at=1.0,
            method="GET",
            url=URL,
            status=470,
            bytes=0,
            recorded=False,
            kind="unrecorded",
            note="no recording answers it",
        )
    )
    service = RecordedHttp(fixtures=Path("none"))
    service._proxy = SimpleNamespace(is_running=True, folder=tmp_path)
    (told,) = messages(*service.incidents(0))
    assert told == (
        f"GET {URL}: no recording answers it; record it with 'mage-harness record taxi', generate "
        f"a table for it with \"mage-harness fixture '{URL}'\", or map a file to it, with "
        "--file 'URL=PATH' or under [tool.mage-harness.files]"
    )


def test_the_statement_concerned_is_added_where_the_message_has_it_not():
    incident = Incident(at=1.0, service="s", code="c", message="it failed", detail="SELECT\n 1")
    assert messages(incident) == ["it failed (SELECT 1)"]


@pytest.mark.parametrize(
    ("ended", "next_one", "block"),
    [
        # It named the columns for its own purpose, and the next one's COPY fails.
        (9.5, True, "export"),
        # The service's log came a moment late.
        (9.95, True, "load"),
        (None, True, "load"),
        (9.5, False, "load"),
    ],
)
def test_an_incident_is_of_the_block_that_ran_rather_than_of_one_that_names_it(
    tmp_path, ended, next_one, block
):
    (tmp_path / "load.py").write_text("COLUMNS = ['vendor_id', 'fare_amount']")
    (tmp_path / "export.py").write_text("loader.export(frame)")
    runs = [("load", 9.0, ended), ("export", 9.6, None)][: 2 if next_one else 1]
    pairs = [
        (
            SimpleNamespace(uuid=name, file=f"{name}.py"),
            SimpleNamespace(began=began, ended=end),
        )
        for name, began, end in runs
    ]
    evidence = SimpleNamespace(expected=lambda: pairs, project=SimpleNamespace(path=tmp_path))
    found = block_at(evidence, 10.0, detail="vendor_id, fare_amount")
    assert found is not None
    assert found[0].uuid == block
