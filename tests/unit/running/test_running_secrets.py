"""What a run tells of itself has no secret in it, wherever that is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from harness.errors import PipelineFailedError
from harness.problem import Problem
from harness.report.build import report_of
from harness.report.github import annotations_of
from harness.report.junit import of_run
from harness.report.terminal import print_pipeline
from harness.running import block_run
from harness.running.block_run import BlockRun, Failure
from harness.running.result import PipelineRun, ProcessResult
from harness.running.secrets import Masking, known_to, masked
from harness.settings import Settings

SECRET = "s3cr3t-Zq81kd"
TOLD = f"401 for {SECRET} and {SECRET.replace('-', '%2D')}"
CODED = "s3cr3t/Zq81kd+="


@pytest.fixture
def run(tmp_path):
    problem = Problem(code="block-failed", message=TOLD, pipeline="shop", block="load")
    fault = {"at": 1.0, "service": "http", "what": "503", "block": "load"}
    return PipelineRun(
        pipeline="shop",
        blocks=(
            BlockRun(
                uuid="load",
                error=TOLD,
                tests=(block_run.TestRun(name="test_it", passed=False, message=TOLD),),
                failures=(Failure(began=0, ended=1, error=TOLD),),
            ),
        ),
        problems=(problem,),
        accepted=(problem,),
        process=ProcessResult(
            exit_status=1,
            timed_out=False,
            began=0,
            seconds=1,
            stdout=tmp_path / "out",
            stderr=tmp_path / "err",
            events=({"event": "fault", "call": f"GET /?token={SECRET}", **fault},),
        ),
        variables_folder=tmp_path,
    )


def test_no_secret_is_told_anywhere(run, capsys):
    inner = replace(run, pipeline="inner")
    clean = masked(replace(run, triggered=(inner,)), Masking(lambda: [SECRET]))
    report = report_of(clean)

    print_pipeline(Console(width=200), report)
    with pytest.raises(PipelineFailedError) as failed:
        clean.require_success()
    told = [
        capsys.readouterr().out,
        str(failed.value),
        json.dumps(report.as_json()),
        repr(of_run(clean)),
        repr(list(annotations_of(report.as_json(), project=Path()))),
        repr(clean.blocks + clean.triggered[0].blocks + clean.accepted),
    ]
    assert all("scrubbed" in one for one in told)
    assert not [one for one in told if SECRET in one]
    assert report.faults[0]["call"] == "GET /?token=scrubbed"
    assert report.blocks[0].status == "not run"


def test_a_run_that_tells_of_nothing_wrong_asks_for_no_secret(run):
    def known():
        raise AssertionError("asked")

    green = replace(
        run, problems=(), accepted=(), blocks=(), process=replace(run.process, events=())
    )
    assert masked(green, Masking(known)) == green


@pytest.mark.parametrize("coded", ["s3cr3t/Zq81kd+=", "s3cr3t%2FZq81kd%2B%3D", "s3cr3t\\/Zq81kd+="])
def test_a_secret_goes_in_the_usual_codings(coded):
    assert Masking(lambda: [CODED]).text(f"with {coded}.") == "with scrubbed."


def test_what_has_the_form_of_a_secret_goes_though_nobody_knows_it():
    token = "ghp_" + "a1B2" * 9
    assert Masking(list).text(f"by {token} at redis://me:pw@host/0") == (
        "by scrubbed at redis://host/0"
    )


def test_the_secrets_of_io_config_are_known_and_its_placeholders_are_words(tmp_path):
    (tmp_path / "io_config.yaml").write_text(
        "version: 0.1.1\n"
        "default:\n"
        "  POSTGRES_PASSWORD: Written-4-all\n"
        "  ALGOLIA_API_KEY: client_secret\n"
        "  REDSHIFT_TEMP_CRED_PASSWORD: \"{{ env_var('X') }}\"\n"
    )
    session = SimpleNamespace(
        settings=Settings(env={"API_TOKEN": "of-the-settings"}),
        stack=SimpleNamespace(
            values=dict, environment=lambda: {"DB_PASSWORD": "of-a-service"}, overlay=dict
        ),
        project=SimpleNamespace(path=tmp_path),
    )
    assert known_to(session, {"api_key": "given"}) == {
        *("Written-4-all", "of-the-settings", "of-a-service", "given")
    }
