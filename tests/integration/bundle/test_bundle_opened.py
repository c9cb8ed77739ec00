"""A bundle in another place: the services hold what they held, and the run fails as it did."""

from __future__ import annotations

import json

import pytest

from harness.bundle.opening import bring_back, opened, places
from harness.bundle.unpack import unpack
from harness.cli.main import run_command
from harness.running.session import Session

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def unpacked(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("opened")
    return opened(folder, unpack(made.archive, folder), options={})


@pytest.fixture(scope="module")
def session(unpacked):
    with Session(unpacked.settings) as session:
        yield session


@pytest.mark.parametrize("moment", ["before", "after"])
def test_the_services_hold_what_they_held(made, unpacked, session, contents, moment):
    session.reset()
    bring_back(session, unpacked, moment=moment)
    assert contents(session.stack) == made.held[moment]


def test_it_fails_in_the_same_way_only_where_all_is_as_it_was(made, tmp_path, capsys):
    told = tmp_path / "told.json"
    assert run_command(["open", str(made.archive), "--json", str(told)]) == 0
    found = json.loads(told.read_text())
    assert found["same"] is True
    assert [(one["code"], one["block"], one["line"]) for one in found["now"]] == [
        ("block-failed", "judge", 33)
    ]
    assert "same: it failed in the same way" in capsys.readouterr().out


def test_in_another_state_it_fails_otherwise(unpacked, session):
    session.reset()
    bring_back(session, unpacked, moment="after")
    now = places(session.run(unpacked.pipeline, asked=unpacked.asked).problems)
    assert now == {("block-failed", "judge", "data_exporters/judge.py", 20)}
    assert now != unpacked.problems
