from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import SettingsError
from harness.settings import load_settings

TABLE = """
[tool.mage-harness]
project = "shop"
deadline = 60
files = { "https://x.example/a.csv" = "data/a.csv" }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(TABLE)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    return tmp_path


def test_the_nearest_pyproject_upwards_is_read_and_paths_are_its_own(folder: Path) -> None:
    settings = load_settings(start=folder / "deep" / "er", environ={})
    assert settings.project == folder / "shop"
    assert settings.files == {"https://x.example/a.csv": folder / "data" / "a.csv"}


def test_a_pyproject_without_the_table_is_passed_over(folder: Path) -> None:
    (folder / "deep" / "pyproject.toml").write_text("[tool.other]\n")
    assert load_settings(start=folder / "deep", environ={}).project == folder / "shop"


def test_variables_beat_the_file_and_options_beat_variables(folder: Path) -> None:
    environ = {"MAGE_HARNESS_DEADLINE": "70", "MAGE_HARNESS_PROJECT": "other"}
    here = folder / "deep"
    settings = load_settings(start=folder, environ=environ, options={"deadline": 80.0}, here=here)
    assert (settings.deadline, settings.project) == (80.0, here / "other")


def test_files_and_ports_of_options_are_added_to_those_of_the_file(folder: Path) -> None:
    options = {"files": {"https://x.example/b.csv": "b.csv"}, "ports": {"gcs": 1234}}
    settings = load_settings(start=folder, environ={}, options=options, here=folder)
    assert settings.files == {
        "https://x.example/a.csv": folder / "data" / "a.csv",
        "https://x.example/b.csv": folder / "b.csv",
    }
    assert settings.ports == {"gcs": 1234}


def test_a_table_in_a_variable_is_json(folder: Path) -> None:
    environ = {"MAGE_HARNESS_PORTS": '{"gcs": 1234}', "MAGE_HARNESS_ENV": '{"A": "b"}'}
    settings = load_settings(start=folder, environ=environ)
    assert (settings.ports, settings.env) == ({"gcs": 1234}, {"A": "b"})
    with pytest.raises(SettingsError, match="MAGE_HARNESS_PORTS is not JSON"):
        load_settings(start=folder, environ={"MAGE_HARNESS_PORTS": "gcs=1"})


@pytest.mark.parametrize("port", [0, -1, 99999])
def test_a_number_that_is_no_port_is_refused(folder: Path, port: int) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(start=folder, environ={}, options={"ports": {"gcs": port}})
    assert "--port" in str(caught.value)


def test_an_option_that_is_none_beats_nothing(folder: Path) -> None:
    assert load_settings(start=folder, environ={}, options={"deadline": None}).deadline == 60


def test_without_a_file_the_project_is_the_current_folder(tmp_path: Path) -> None:
    settings = load_settings(start=tmp_path, environ={})
    assert settings.project == tmp_path
    assert settings.fixtures == tmp_path / "fixtures"


def test_settings_are_frozen(folder: Path) -> None:
    settings = load_settings(start=folder, environ={})
    with pytest.raises(ValueError, match="frozen"):
        settings.deadline = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[tool.mage-harness]\nprojekt = 'x'\n", ["projekt", "pyproject.toml"]),
        ("[tool.mage-harness]\ndeadline = 'soon'\n", ["deadline"]),
        ("[tool.mage-harness]\ndeadline = -1\n", ["deadline"]),
        ("[tool.mage-harness]\nprovider = 'cloud'\n", ["provider", "embedded"]),
        ("[tool.mage-harness\n", ["not valid TOML"]),
        ("[tool]\nmage-harness = 3\n", ["not a table", "pyproject.toml"]),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, words: list[str]) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings(start=tmp_path, environ={})
    assert caught.value.exit_status == 2
    for word in words:
        assert word in str(caught.value)


def test_an_option_that_is_wrong_is_named_as_the_user_wrote_it(folder: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be used") as caught:
        load_settings(start=folder, environ={}, options={"deadline": 0})
    assert "--deadline" in str(caught.value)


def test_a_tool_that_is_no_table_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("tool = 3\n")
    assert load_settings(start=tmp_path, environ={}).project == tmp_path
