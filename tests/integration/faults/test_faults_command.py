"""``--fault``: what became of each, in words and JSON; and a bundle that is opened with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.cli.main import run_command

PROJECT = Path(__file__).parents[2] / "projects" / "in_trouble"
LOST = "gcs(503, block=goes_on, containing='POST /upload/', after=1)"
MENDED = "gcs(reset, block=beside, containing='POST /upload/')"


def run(*words):
    return run_command(["run", "in_trouble", "--project", str(PROJECT), "--runner", "warm", *words])


@pytest.mark.slow
def test_a_run_in_trouble_is_opened_in_the_same_trouble(tmp_path, capsys):
    told = tmp_path / "run.json"
    given = ["--fault", LOST, "--fault", MENDED, "--json", str(told), "--bundle", str(tmp_path)]

    assert run(*given) == 1

    said = capsys.readouterr().out
    assert (
        "fault came: gcs(503, block='goes_on', after=1, containing='POST /upload/'): 1 of 1 time"
        in said
    )
    facts = json.loads(told.read_text())
    assert [(one["times"], one["met"]) for one in facts["declared_faults"]] == [(1, 1), (1, 1)]
    (pipeline,) = facts["pipelines"]
    assert [one["code"] for one in pipeline["problems"]] == ["fault-not-retried"]
    (made,) = tmp_path.glob("*.mage.zip")
    assert run_command(["open", str(made), "--runner", "warm"]) == 0
    assert "same: it failed in the same way" in capsys.readouterr().out


def test_a_fault_that_does_not_come_fails_the_command(tmp_path, capsys):
    told = tmp_path / "run.json"

    assert run("--fault", "gcs(503, containing=nowhere)", "--json", str(told)) == 1

    said = capsys.readouterr().out
    assert "fault did not come: gcs(503, containing='nowhere'): 0 of 1 time" in said
    assert "1 declared fault did not come" in said
    facts = json.loads(told.read_text())
    assert facts["pipelines"][0]["ok"] is True
    assert facts["declared_faults"] == [
        {"fault": "gcs(503, containing='nowhere')", "times": 1, "met": 0}
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--fault", "gsc(503)"], "there is no fault gsc: is it gcs?"),
        (["--fault", "gcs(200)"], "'200' is none of"),
        (["--fault", "gcs(503, block=nobody)"], "has a block nobody"),
        (["--fault", LOST, "--jobs", "2"], "--fault and --jobs exclude each other"),
        (["--fault", LOST, "--cached"], "--fault and --cached exclude each other"),
    ],
)
def test_what_is_no_fault_is_bad_usage(capsys, words, said):
    assert run(*words) == 2
    assert said in capsys.readouterr().err
