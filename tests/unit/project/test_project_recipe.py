from __future__ import annotations

import pytest

from harness.errors import EnvironmentNotAbleError, ProjectError, SettingsError
from harness.project.reader import read_project
from harness.project.recipe import mage_recipe
from harness.project.uvrun import NoInterpreterError, explain, uv_environment
from harness.settings import Settings


@pytest.fixture
def recipe(maker):
    def make(text=None, **settings):
        if text is not None:
            maker.file("requirements.txt", text)
        return mage_recipe(Settings(**settings), read_project(maker.path))

    return make


def test_mage_and_what_it_needs_headless_come_with_it(recipe):
    packages = recipe(mage_version="0.9.81").packages
    assert packages[0] == "mage-ai==0.9.81"
    assert {line.split("=")[0].split(">")[0] for line in packages[1:]} == {
        "sshtunnel",
        "psycopg2-binary",
        "db-dtypes",
        "google-cloud-bigquery",
        "google-cloud-storage",
    }


def test_what_the_project_asks_for_itself_is_left_to_it(recipe, maker):
    maker.file("more.txt", "DB.dtypes>=1 # with a note\n")
    made = recipe("-r more.txt\npsycopg2==2.9.9\nGoogle_Cloud_Storage~=2.5\nsshtunnel\n")
    assert [line for line in made.packages if line != "google-cloud-bigquery"] == [
        "mage-ai==0.9.80"
    ]
    assert made.requirements == maker.path / "requirements.txt"


@pytest.mark.parametrize(
    ("version", "limited"),
    [("0.9.74", True), ("0.9.79", True), ("0.9.80", False), ("0.10.1", False)],
)
def test_an_older_mage_gets_the_packages_of_its_day(recipe, version, limited):
    made = recipe("pandas\n", mage_version=version)
    assert (
        {"click<8.2", "dask<2024.9", "pandas<2.2", "pyarrow<21"} <= set(made.packages)
    ) == limited


def test_the_file_beside_the_project_is_used_where_it_has_none(recipe, maker):
    (maker.path.parent / "requirements.txt").write_text("idna\n")
    assert recipe().requirements == maker.path.parent / "requirements.txt"
    assert recipe("").requirements == maker.path / "requirements.txt"


def test_the_key_changes_with_what_is_installed_and_with_nothing_else(recipe, maker):
    first = recipe("-c limits.txt\nidna\n".replace("-c limits.txt\n", "")).key
    assert recipe().key == first
    assert recipe("idna==3\n").key != first
    assert recipe("idna\n").key == first
    assert recipe(python="3.11").key != recipe(python="3.12").key
    assert recipe(mage_version="0.9.79").key != first
    maker.file("limits.txt", "idna<4\n")
    limited = recipe("idna\n-c limits.txt\n").key
    maker.file("limits.txt", "idna<3\n")
    assert recipe().key != limited


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("-r nowhere.txt\n", "requirements.txt:1: there is no file nowhere.txt"),
        (b"caf\xe9\n", "is not UTF-8"),
    ],
)
def test_requirements_that_cannot_be_used(recipe, text, said):
    with pytest.raises(ProjectError) as caught:
        recipe(text)
    assert said in str(caught.value)


def test_files_that_include_each_other_end(recipe, maker):
    maker.file("a.txt", "-r requirements.txt\nidna\n")
    assert "idna" in recipe("-r a.txt\n-e git+https://example.com/x\n").text


def test_a_requirements_file_that_is_not_there(recipe, tmp_path):
    with pytest.raises(SettingsError, match="no requirements file"):
        recipe(requirements=tmp_path / "nowhere.txt")


def test_uv_is_given_the_way_to_packages_and_no_more():
    kept = uv_environment(
        {
            "PATH": "/bin",
            "UV_INDEX_URL": "https://index.example.com",
            "https_proxy": "http://proxy",
            "SSL_CERT_FILE": "/ca.pem",
            "UV_PYTHON": "3.8",
            "UV_SYSTEM_PYTHON": "1",
            "VIRTUAL_ENV": "/venv",
            "PYTHONPATH": "/x",
            "GOOGLE_APPLICATION_CREDENTIALS": "/key.json",
        }
    )
    assert {"PATH", "UV_INDEX_URL", "https_proxy", "SSL_CERT_FILE"} <= kept.keys()
    assert not {"UV_PYTHON", "UV_SYSTEM_PYTHON", "VIRTUAL_ENV", "PYTHONPATH"} & kept.keys()
    assert "GOOGLE_APPLICATION_CREDENTIALS" not in kept
    assert kept["UV_PYTHON_DOWNLOADS"] == "never"


CONFLICT = """\
Using Python 3.11.7 environment at: x
error: No solution found when resolving dependencies
  cause: Because mage-ai==0.9.80 depends on requests>=2.31.0,<2.32.dev0 and you require \
mage-ai==0.9.80, we can conclude that you require requests>=2.31.0,<2.32.dev0.
         And because you require requests==2.32.3, we can conclude that your requirements are \
unsatisfiable.
"""
OLDER = """\
  \u00d7 No solution found when resolving dependencies:
  ╰─▶ Because nosuch was not found in the package registry and you require nosuch, we can \
conclude that your requirements are unsatisfiable.
"""


@pytest.mark.parametrize(
    ("said", "kind", "parts"),
    [
        (CONFLICT, ProjectError, ["requests>=2.31.0", "you require requests==2.32.3"]),
        (OLDER, ProjectError, ["there is no package nosuch"]),
        (
            "error: Failed to fetch: `https://x/idna/`\n  cause: error sending request\n",
            EnvironmentNotAbleError,
            ["could not be fetched", "HTTPS_PROXY", "mage_python"],
        ),
        (
            "error: No solution found\nhint: it was so because the network was disabled.",
            EnvironmentNotAbleError,
            ["could not be fetched"],
        ),
        (
            "error: failed to copy file\n  cause: No space left on device (os error 28)\n",
            EnvironmentNotAbleError,
            ["the disk is full: building", "about 3 GB", "MAGE_HARNESS_CACHE"],
        ),
        (
            "error: Unexpected '!', expected '-c' or the start of a requirement: r.txt:2:1\n",
            ProjectError,
            ["cannot be read", "r.txt:2:1"],
        ),
        (
            "error: No interpreter found for Python 3.9 in search path\n",
            NoInterpreterError,
            ["Python 3.9"],
        ),
        (
            "error: Failed to build `psycopg2==2.9.3`\n  cause: pg_config not found\n",
            EnvironmentNotAbleError,
            ["pg_config", "system library"],
        ),
        ("", EnvironmentNotAbleError, ["building failed"]),
    ],
)
def test_what_uv_said_becomes_one_clear_error(said, kind, parts, tmp_path):
    error = explain(said.splitlines(), doing="building", folder=tmp_path)
    assert type(error) is kind
    for part in parts:
        assert part in str(error)
    assert error.remedy
