"""What a bundle says of its run is taken with care, and compared by what makes problems the same."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace

import pytest
from rich.console import Console

from harness.bundle import bundles as making
from harness.bundle.bundles import Bundles
from harness.bundle.manifest import LeftOut, Manifest
from harness.bundle.opening import opened, places
from harness.cli import opened as command
from harness.cli.bundling import bundles_of, tell
from harness.cli.main import run_command
from harness.cli.shells import Shell, open_shell
from harness.errors import InputError
from harness.problem import Problem

MANIFEST = Manifest(format=1, pipeline="p", ok=False, members=())
SETTINGS = {
    "provider": "embedded",
    "deadline": 60.0,
    "mage_version": "0.9.80",
    "python": "3.11",
    "env": {},
    "secrets": {},
    "profiles": [],
    "sleep": "real",
    "runner": "cold",
    "accept": {},
    "gcp_project": "mine",
    "at": None,
    "entry": {},
    "files": {},
    "project": "mine",
    "requirements": None,
    "dockerfile": None,
}
PROBLEM = {"code": "block-failed", "block": "b", "file": "b.py", "line": 3, "message": "then"}
RUN = {"variables": {"a": 1}, "block": None, "arguments": [], "report": {"problems": [PROBLEM]}}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "project" / "mine").mkdir(parents=True)
    write(tmp_path)
    return tmp_path


def write(folder, *, settings=None, run=None):
    (folder / "settings.json").write_text(json.dumps({**SETTINGS, **(settings or {})}))
    (folder / "run.json").write_text(json.dumps({**RUN, **(run or {})}))
    (folder / "versions.json").write_text('{"harness": "0.0.1", "python": "\\u001b[2Jx"}')


def test_places_are_of_the_folder_and_the_rest_is_the_bundles(folder):
    (folder / "files").mkdir()
    write(folder, settings={"files": {"https://x.example/a": "000-a.csv"}})
    found = opened(folder, MANIFEST, options={"deadline": 5.0, "runner": None})
    assert found.settings.project == folder / "project" / "mine"
    assert found.settings.fixtures == folder / "fixtures"
    assert found.settings.files == {"https://x.example/a": folder / "files" / "000-a.csv"}
    assert (found.settings.gcp_project, found.settings.deadline) == ("mine", 5.0)
    assert found.asked.variables == {"a": 1}
    assert found.problems == {("block-failed", "b", "b.py", 3)}


def test_faults_are_read_as_those_of_a_command_line_are(folder):
    write(folder, run={"faults": ["gcs(503, block='b')"]})
    (found,) = opened(folder, MANIFEST, options={}).faults
    assert (found.method, found.arguments) == ("gcs", {"what": 503, "block": "b"})
    write(folder, run={"faults": ["gcs(__import__('os').getpid())"]})
    with pytest.raises(InputError, match="is no fault"):
        opened(folder, MANIFEST, options={})


def test_settings_that_name_programs_and_addresses_are_not_read(folder):
    (folder / "pyproject.toml").write_text("[tool.mage-harness]\nmage_python = '/bin/evil'\n")
    write(folder, settings={"mage_python": "/bin/evil", "postgres": "x", "allow": ["evil.com"]})
    settings = opened(folder, MANIFEST, options={}).settings
    assert (settings.mage_python, settings.postgres, settings.allow) == (None, None, ())


@pytest.mark.parametrize(
    "said",
    [
        {"settings": {"files": {"https://x.example/a": "../../etc/passwd"}}},
        {"settings": {"files": {"https://x.example/a": ".hidden"}}},
        {"settings": {"requirements": "../../etc/passwd"}},
        {"settings": {"dockerfile": "/etc/passwd"}},
        {"settings": {"project": ".."}},
        {"settings": {"project": "other"}},
        {"settings": {"project": None}},
        {"settings": {"deadline": -1}},
        {"settings": {"provider": "mine"}},
        {"settings": {"env": [1]}},
        {"run": {"variables": 3}},
        {"run": {"report": []}},
        {"run": {"report": {"problems": [{"code": []}]}}},
    ],
)
def test_what_says_something_else_is_refused(folder, said):
    write(folder, **said)
    with pytest.raises(InputError, match="does not say how its run is repeated"):
        opened(folder, MANIFEST, options={})


def test_folders_beside_the_project_are_none(folder):
    (folder / "project" / "docker").mkdir()
    found = opened(folder, MANIFEST, options={})
    assert found.settings.project == folder / "project" / "mine"


def compared(folder, *problems, json_file=None):
    out = io.StringIO()
    run = SimpleNamespace(pipeline="p", problems=problems)
    unpacked = opened(folder, MANIFEST, options={})
    same = command.compare(Console(file=out, width=200), unpacked, run, json_file=json_file)
    return same, out.getvalue()


def test_the_same_problems_in_other_words_are_the_same(folder):
    now = Problem(code="block-failed", message="now", pipeline="p", block="b", file="b.py", line=3)
    assert places([now]) == {("block-failed", "b", "b.py", 3)}
    assert compared(folder, now) == (True, "same: it failed in the same way\n")


def test_another_line_is_another_problem_and_both_are_told(folder, tmp_path):
    now = Problem(code="block-failed", message="then", pipeline="p", block="b", file="b.py", line=4)
    same, said = compared(folder, now, json_file=tmp_path / "told.json")
    assert not same
    assert "only then: [block-failed] b b.py:3" in said
    assert "only now: [block-failed] b b.py:4" in said
    told = json.loads((tmp_path / "told.json").read_text())
    assert (told["same"], told["then"][0]["line"], told["now"][0]["line"]) == (False, 3, 4)


def test_a_success_is_not_the_same_as_a_failure(folder):
    same, said = compared(folder)
    assert (same, "only then" in said) == (False, True)


def test_what_a_bundle_says_does_not_move_the_cursor(folder):
    out = io.StringIO()
    left = (LeftOut(what="a\x1b]0;owned\x07", why="b\x1b[2J"),)
    unpacked = opened(folder, MANIFEST.model_copy(update={"left_out": left}), options={})
    command.tell_differences(Console(file=out, width=200), unpacked)
    assert "\x1b" not in out.getvalue()
    assert "note: not in the bundle: a" in out.getvalue()
    assert "note: harness was 0.0.1, and is" in out.getvalue()


def test_a_bundle_that_is_not_there_is_bad_usage(tmp_path, capsys):
    assert run_command(["open", str(tmp_path / "none.zip")]) == 2
    assert "there is no bundle" in capsys.readouterr().err


def test_a_folder_that_has_something_in_it_is_not_unpacked_into(folder, tmp_path, capsys):
    file = tmp_path / "some.zip"
    file.touch()
    assert run_command(["open", str(file), "--into", str(folder)]) == 2
    assert "is not empty" in capsys.readouterr().err


@pytest.mark.parametrize("options", [["--bundle-all"], ["--bundle-limit", "5"]])
def test_options_of_bundles_without_bundles_are_bad_usage(options, tmp_path, capsys):
    (tmp_path / "metadata.yaml").write_text("project_type: standalone\n")
    (tmp_path / "pipelines").mkdir()
    assert run_command(["run", "--project", str(tmp_path), *options]) == 2
    assert "give --bundle too" in capsys.readouterr().err


@pytest.mark.parametrize(
    "error", [InputError("it would hold a secret"), RuntimeError("a client's")]
)
def test_a_bundle_that_is_not_made_is_told_beside_the_verdict(tmp_path, monkeypatch, error):
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(making, "make_bundle", fail)
    notes = []
    session = SimpleNamespace(stack=SimpleNamespace(folder=tmp_path), progress=notes.append)
    bundles = Bundles(folder=tmp_path / "bundles")
    run = SimpleNamespace(ok=False, pipeline="p")
    assert bundles.ended(session, run) is None
    out = io.StringIO()
    assert tell(Console(file=out, width=200), bundles) is False
    assert str(error) in out.getvalue()
    assert any(note.startswith("note: ") for note in notes)


def test_each_bundle_has_a_name_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(making, "make_bundle", lambda *_, **__: None)
    session = SimpleNamespace(stack=SimpleNamespace(folder=tmp_path), progress=print)
    bundles = bundles_of(tmp_path, every=False, mib=100)
    for ok in (False, True, False):
        bundles.ended(session, SimpleNamespace(ok=ok, pipeline="p"))
    assert [one.name for one in bundles.made] == ["p.mage.zip", "p.2.mage.zip"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--look", "before", "--from", "a"], "--look and --from or --until exclude each other"),
        (["--look", "after", "--pdb"], "--look and --pdb exclude each other"),
        (["--stay", "--shell", "duckdb"], "--stay and --shell exclude each other"),
        (["--pdb"], "--pdb needs a terminal"),
    ],
)
def test_options_that_cannot_be_had_are_refused_at_once(tmp_path, capsys, options, said):
    file = tmp_path / "some.zip"
    file.touch()
    assert run_command(["open", str(file), *options]) == 2
    assert said in capsys.readouterr().err


def test_of_a_part_the_problems_of_its_blocks_alone_count(folder, tmp_path):
    out = io.StringIO()
    unpacked = opened(folder, MANIFEST, options={})
    run = SimpleNamespace(pipeline="p", problems=())
    console = Console(file=out, width=200)
    told = tmp_path / "told.json"
    assert command.compare(console, unpacked, run, json_file=told, only={"a"})
    assert "these blocks did what they should" in out.getvalue()
    assert json.loads(told.read_text()) == {
        "pipeline": "p",
        "same": True,
        "blocks": ["a"],
        "then": [],
        "now": [],
    }
    assert not command.compare(console, unpacked, run, json_file=None, only={"b"})


def test_psql_needs_a_postgresql():
    session = SimpleNamespace(stack=SimpleNamespace(services={"http": None}))
    with pytest.raises(InputError, match="no PostgreSQL to open psql on"):
        open_shell(Shell.PSQL, session, outputs={})
