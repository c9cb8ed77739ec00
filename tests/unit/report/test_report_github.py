"""GitHub Actions is told what is wrong, whatever names and messages hold."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from harness.cli.printing import print_report
from harness.contracts.difference import ContractReport, Difference
from harness.problem import Problem
from harness.report.github import MOST, Annotation, job
from harness.report.github_summary import summary, text
from harness.report.model import PipelineReport, RunReport

ROOT = Path(__file__).parents[3]
HOSTILE = (
    "50% of a,b:c\r\n::error file=x::y\n::stop-commands::t\n::set-output name=a::b\x1b[31m\udcff"
)


def read(command: str) -> tuple[dict[str, str], str]:
    """A command as GitHub's runner reads it (src/Runner.Common/ActionCommand.cs)."""
    found = re.fullmatch(r"::error ([^\r\n]*?)::([^\r\n]*)", command)
    assert found is not None, command
    named = dict(one.split("=", 1) for one in found[1].split(","))
    return {name: plain(value) for name, value in named.items()}, plain(found[2])


def plain(value: str) -> str:
    for code, sign in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        value = value.replace(code, sign)
    return value


@pytest.fixture
def actions(tmp_path, monkeypatch):
    """A job whose repository is a folder, with a Mage project in it."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    return tmp_path


def test_it_is_no_job_elsewhere():
    assert job({}) is None
    assert job({"GITHUB_ACTIONS": "false", "GITHUB_STEP_SUMMARY": "/x"}) is None


def test_an_annotation_is_one_line_that_says_what_was_meant(tmp_path):
    file = tmp_path / "a,b:c%.py"
    command = Annotation(title=HOSTILE, message=HOSTILE, file=file, line=3).command(tmp_path)

    named, message = read(command)

    assert named["file"] == "a,b:c%.py"
    assert named["line"] == "3"
    assert named["title"].startswith("50% of a,b:c ::error file=x::y")
    assert message.splitlines()[:2] == ["50% of a,b:c", "::error file=x::y"]
    assert len(command.splitlines()) == 1
    assert command.isprintable()


def test_a_file_outside_of_the_repository_is_not_named(tmp_path):
    (tmp_path / "link.py").symlink_to("/etc/passwd")
    for file in (Path("/etc/passwd"), tmp_path / ".." / "x.py", tmp_path / "link.py", None):
        named, _ = read(Annotation(title="t", message="m", file=file, line=1).command(tmp_path))
        assert set(named) == {"title"}


def test_a_report_is_annotated_and_summed_up_and_its_text_is_no_command(actions, failed, capsys):
    contract = ContractReport(
        file=actions / "contracts" / "p.yaml",
        differences=(
            Difference(
                service="postgres", sink=HOSTILE, rule="rows", expected="1", found="2", line=7
            ),
        ),
    )
    hurt = replace(failed, contract=contract)
    passed = PipelineReport(uuid="ok", ok=True, seconds=1.0)
    report = RunReport(pipelines=(passed, hurt))

    print_report(Console(), report, project=actions / "project")

    lines = capsys.readouterr().out.splitlines()
    token = lines[0].removeprefix("::stop-commands::")
    end = lines.index(f"::{token}::")
    assert len(token) >= 32
    assert any("FAILED" in line for line in lines[:end])
    commands = [read(line) for line in lines[end + 1 :]]
    assert [(named.get("file"), named.get("line")) for named, _ in commands] == [
        ("project/transformers/t.py", "12"),
        ("contracts/p.yaml", "7"),
        ("project/metadata.yaml", None),
    ]
    written = (actions / "summary.md").read_text("utf-8")
    assert "1 passed, 1 failed" in written
    assert r"project\/transformers\/t\.py\:12" in written
    assert "| ok | passed | 0 of 0 |" in written
    print_report(Console(), report, project=actions / "project")
    assert capsys.readouterr().out.splitlines()[0] != lines[0]
    assert (actions / "summary.md").read_text("utf-8") == written * 2


def test_what_cannot_be_written_is_told_and_keeps_the_verdict(actions, failed, monkeypatch, capsys):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(actions))

    print_report(Console(), RunReport(pipelines=(failed,)), project=actions)

    assert "the job's summary cannot be written" in capsys.readouterr().out


def test_github_is_told_the_first_errors_and_the_summary_stays_small(actions, capsys):
    problems = tuple(
        Problem(code="c", message="m" * 5_000, file="f", line=n) for n in range(1, 999)
    )
    report = PipelineReport(uuid="p", ok=False, seconds=1.0, problems=problems)

    job().tell([report.as_json()] * 300, project=actions)

    assert sum(line.startswith("::error") for line in capsys.readouterr().out.splitlines()) == MOST
    written = (actions / "summary.md").read_text("utf-8")
    assert len(written) < 200_000
    assert "further problems" in written


@pytest.mark.parametrize(
    "hostile",
    [
        "<img src=x onerror=alert(1)>",
        "![x](http://evil.example/x.png)",
        "[x](javascript:alert(1))",
        "a | b | c",
        "``` \n# head",
        "@everyone https://evil.example",
        "\\| \\<script>",
    ],
)
def test_foreign_text_makes_no_markdown(hostile):
    shown = text(hostile)

    assert "\n" not in shown
    assert not re.search(r"(?<![\\&])[<>|`!\[\]()@:*_#]", shown.replace("&lt;", "")), shown
    assert summary([], place=str, more=[(hostile, hostile)]).count("\n- ") == 1


def test_pytest_tells_of_failed_tests_alone(actions, pytester, failed):
    facts = json.dumps(failed.as_json())
    (pytester.path / "pyproject.toml").write_text("[tool.mage-harness]\nproject = 'shop'\n")
    pytester.makepyfile(
        f"""
        import pytest
        FACTS = {facts!r}

        @pytest.mark.parametrize("wanted", [True, False])
        def test_run(request, wanted):
            request.node.user_properties.append(("mage-harness-run", FACTS))
            assert wanted

        def test_contract(request):
            request.node.user_properties.append(("mage-harness-contract", "{{}}"))
            assert False, "50%\\n::error::x"

        def test_of_something_else():
            assert False
        """
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_WORKSPACE", str(pytester.path))
        result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")

    commands = [read(line) for line in result.outlines if line.startswith("::")]
    test = "test_pytest_tells_of_failed_tests_alone.py"
    assert [(named.get("file"), named.get("line")) for named, _ in commands] == [
        ("shop/transformers/t.py", "12"),
        (test, "9"),
        ("shop/metadata.yaml", None),
    ]
    written = (actions / "summary.md").read_text("utf-8")
    assert "1 passed, 1 failed" in written
    assert "test\\_of\\_something\\_else" not in written
