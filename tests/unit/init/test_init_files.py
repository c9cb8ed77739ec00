"""What is there stays; where the project is found; what is asked."""

from __future__ import annotations

import json
import tomllib

import pytest

from harness.cli.init import init
from harness.errors import InputError, ProjectError
from harness.init.questions import asked_by
from harness.project.lint import lint

METADATA = """\
type: {kind}
variables: {{}}
blocks:
- {{uuid: one, type: custom, upstream_blocks: [], downstream_blocks: []}}
"""
CODE = "import os\nfrom mage_ai.data_preparation.shared.secrets import get_secret_value\n\n"
CODE += "@custom\ndef work(*args, **kwargs):\n"


def files(body="pass", *, kind="python", below=""):
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return {
        f"{below}pipelines/daily/metadata.yaml": METADATA.format(kind=kind),
        f"{below}custom/one.py": CODE + lines,
    }


def test_settings_that_are_there_stay_with_their_comments(beginning, begin):
    before = (
        '# mine\n[project]\nname = "x"\n\n[tool.mage-harness]\ndeadline = 60 # long\n\n'
        '[tool.mage-harness.env]\nTOKEN = "mine"\n'
    )
    root = beginning(
        {**files("os.environ['TOKEN']\nos.environ['BUCKET']"), "pyproject.toml": before}
    )
    begin(root)
    after = (root / "pyproject.toml").read_text()
    assert "# mine" in after
    assert "deadline = 60 # long" in after
    section = tomllib.loads(after)["tool"]["mage-harness"]
    assert section["env"] == {"TOKEN": "mine", "BUCKET": "{gcs_bucket}"}


@pytest.mark.parametrize(
    "before",
    [
        '[tool.poetry]\nname = "x"\n\n[build-system]\nrequires = []\n\n[tool.ruff]\nline-length = 90\n',
        '[tool.mage-harness.env]\nA = "1"\n[other]\nb = 1\n[tool.mage-harness.needs]\nx = ["y"]\n',
        '[project]\nname = "x"',
    ],
)
def test_tables_in_any_order_stay(beginning, begin, before):
    root = beginning({**files("os.environ['BUCKET']"), "pyproject.toml": before})
    begin(root)
    once = (root / "pyproject.toml").read_text()
    after, had = tomllib.loads(once), tomllib.loads(before)
    section = after["tool"].pop("mage-harness")
    assert section["env"]["BUCKET"] == "{gcs_bucket}"
    mine = had.get("tool", {}).pop("mage-harness", {})
    assert section["env"].items() >= mine.get("env", {}).items()
    assert section.get("needs", {}) == mine.get("needs", {})
    assert {**after, "tool": after["tool"]} == {**had, "tool": had.get("tool", {})}
    begin(root)
    assert (root / "pyproject.toml").read_text() == once


def test_a_file_that_is_there_is_overwritten_by_force_alone(beginning, begin):
    root = beginning({**files(), "tests/test_daily.py": "mine = True\n"})
    status, said = begin(root)
    assert (status, "kept as it is: tests/test_daily.py" in said) == (0, True)
    assert (root / "tests/test_daily.py").read_text() == "mine = True\n"
    begin(root, "--force")
    assert 'mage.run("daily")' in (root / "tests/test_daily.py").read_text()


def test_a_dry_run_shows_the_difference_and_writes_nothing(beginning, begin):
    root = beginning(files())
    before = sorted(root.rglob("*"))
    status, said = begin(root, "--dry-run")
    assert (status, sorted(root.rglob("*"))) == (0, before)
    assert '+    mage.run("daily")' in said
    assert "+[tool.mage-harness]" in said


def test_secrets_and_variables_get_values_and_what_is_guessed_is_asked(beginning, begin):
    body = "get_secret_value('gcp_key')\nget_secret_value('token')\nos.environ['HOOK']"
    root = beginning(files(body))
    begin(root)
    section = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["mage-harness"]
    assert section["secrets"] == {"gcp_key": "{key_json}", "token": "throw-away"}
    assert section["env"] == {"HOOK": "throw-away"}
    asked = (root / "MAGE_HARNESS_QUESTIONS.md").read_text()
    assert "HOOK is 'throw-away' under [tool.mage-harness.env]" in asked
    assert "token is 'throw-away'" in asked
    assert "gcp_key" not in asked


def test_runtime_variables_without_a_value_are_guessed_or_asked(beginning, begin):
    root = beginning(files("print(kwargs['year'], kwargs['colour'], kwargs['execution_date'])"))
    begin(root)
    test = (root / "tests/test_daily.py").read_text()
    assert 'VARIABLES = {"year": 2021}' in test
    assert 'mage.run("daily", variables=VARIABLES)' in test
    asked = (root / "MAGE_HARNESS_QUESTIONS.md").read_text()
    assert "the runtime variable colour has no value" in asked
    assert "execution_date" not in asked


def test_what_is_read_and_nobody_writes_is_asked_for_as_a_seed(beginning, begin):
    body = "import psycopg2\npsycopg2.connect().cursor().execute('select * from shop.orders')"
    root = beginning(files(body))
    begin(root)
    asked = (root / "MAGE_HARNESS_QUESTIONS.md").read_text()
    assert "fixtures/seeds/postgres/shop.orders.csv (`custom/one.py:7`)" in asked


def test_a_pipeline_that_is_not_supported_is_expected_to_fail(beginning, begin):
    root = beginning(files(kind="streaming"))
    begin(root)
    test = (root / "tests/test_daily.py").read_text()
    assert '@pytest.mark.xfail(reason="streaming pipelines are' in test


def test_what_the_lint_finds_is_asked_once_though_its_run_tells_it_too(
    beginning, begin, monkeypatch
):
    twice = []

    def fill_in(_console, found, _made, *, force):
        assert not force
        twice.extend(map(asked_by, lint(found)))
        return twice

    monkeypatch.setattr("harness.cli.init.fill_in", fill_in)
    root = beginning(files("import sys\nsys.exit(0)"))
    begin(root, "--run")
    text = (root / "MAGE_HARNESS_QUESTIONS.md").read_text()
    assert [text.count(one.what) for one in twice] == [1] * len(twice) != []


IO_CONFIG = """\
default:
  AWS_ACCESS_KEY_ID: "{{ env_var('OUR_AWS_KEY') }}"
"""
S3 = "from mage_ai.io.s3 import S3\nS3.with_config(x).export(df, 'bucket', 'a.csv')"
REDSHIFT = "from mage_ai.io.redshift import Redshift\nRedshift.with_config(x).export(df, 'a.b')"


@pytest.mark.parametrize(("body", "asked"), [(S3, False), (REDSHIFT, True)])
def test_keys_that_a_run_replaces_need_no_variable(beginning, begin, body, asked):
    with_config = body.replace("x)", "ConfigFileLoader('io_config.yaml', 'default'))")
    loader = "from mage_ai.io.config import ConfigFileLoader\n"
    root = beginning({**files(loader + with_config), "io_config.yaml": IO_CONFIG})
    begin(root)
    assert ("OUR_AWS_KEY" in (root / "pyproject.toml").read_text()) == asked


def test_the_version_of_the_image_is_taken_over(beginning, begin):
    root = beginning({**files(), "Dockerfile": "FROM mageai/mageai:0.9.74\n"})
    begin(root)
    section = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["mage-harness"]
    assert section["mage_version"] == "0.9.74"


def test_of_several_projects_each_keeps_its_own_files(beginning, begin):
    root = beginning({**files(below="a/"), **files(below="b/")})
    with pytest.raises(InputError, match="2 Mage projects") as caught:
        init(root)
    assert "mage-harness init" in caught.value.remedy
    begin(root / "a")
    assert (root / "a/tests/test_daily.py").is_file()
    assert not (root / "pyproject.toml").exists()


def test_a_folder_without_a_project_is_refused(tmp_path):
    with pytest.raises(ProjectError, match="no Mage project"):
        init(tmp_path)


@pytest.mark.parametrize("text", ["[tool", "tool = 1\n", "[tool]\nmage-harness = 1\n"])
def test_settings_that_cannot_be_read_stay(beginning, text):
    root = beginning({**files(), "pyproject.toml": text})
    with pytest.raises(InputError):
        init(root)
    assert (root / "pyproject.toml").read_text() == text


def test_pipelines_of_like_names_get_files_of_their_own(beginning, begin):
    found = files()
    metadata = found["pipelines/daily/metadata.yaml"]
    root = beginning({**found, "pipelines/Daily/metadata.yaml": metadata})
    begin(root)
    tests = {file.name: file.read_text() for file in (root / "tests").iterdir()}
    assert 'mage.run("Daily")' in tests["test_daily.py"]
    assert 'mage.run("daily")' in tests["test_daily_2.py"]


def test_needs_that_make_a_circle_end(beginning, begin):
    settings = '[tool.mage-harness.needs]\ndaily = ["daily"]\n'
    root = beginning({**files(), "pyproject.toml": settings})
    assert begin(root)[0] == 0


def test_names_of_whatever_kind_make_valid_files(beginning, begin):
    odd = 'we"ird \\ näme'
    found = {name.replace("daily", odd): text for name, text in files().items()}
    root = beginning(found)
    begin(root)
    (test,) = (root / "tests").iterdir()
    compile(test.read_text(), str(test), "exec")
    assert f"mage.run({json.dumps(odd, ensure_ascii=False)})" in test.read_text()
