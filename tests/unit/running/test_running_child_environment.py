from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import InputError, SettingsError
from harness.project.workspace import Workspace
from harness.running.child_environment import base_environment, filled, read_env_file


def environment(machine: dict[str, str]) -> dict[str, str]:
    here = Path("/private")
    workspace = Workspace(
        path=here / "project",
        data_dir=here / "data",
        home=here / "home",
        tmp=here / "tmp",
        logs=here / "logs",
    )
    return base_environment(workspace, path="/venv/bin", pythonpath="/tap", machine=machine)


def test_the_developers_secrets_and_proxies_are_not_inherited() -> None:
    machine = {
        "AWS_SECRET_ACCESS_KEY": "real",
        "GOOGLE_APPLICATION_CREDENTIALS": "/home/me/key.json",
        "HTTPS_PROXY": "http://proxy.example:3128",
        "PGPASSWORD": "real",
        "PYTHONPATH": "/somewhere",
        "HOME": "/home/me",
        "ENV": "test",
    }
    env = environment(machine)
    assert not set(machine.values()) & set(env.values())
    assert "ENV" not in env


def test_what_the_processor_needs_is_kept() -> None:
    assert environment({"OPENBLAS_CORETYPE": "Haswell"})["OPENBLAS_CORETYPE"] == "Haswell"


def test_mage_writes_to_an_absolute_private_folder() -> None:
    assert environment({})["MAGE_DATA_DIR"] == "/private/data"


def test_an_env_file_is_read_as_compose_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "dev.env"
    file.write_text("# comment\n\nA=1\nexport B=\"two words\"\nC='x=y'\nD=\n")
    assert read_env_file(file) == {"A": "1", "B": "two words", "C": "x=y", "D": ""}


def test_a_line_without_an_equals_sign_is_named(tmp_path: Path) -> None:
    file = tmp_path / "dev.env"
    file.write_text("A=1\nnonsense\n")
    with pytest.raises(SettingsError, match="line 2"):
        read_env_file(file)


def test_an_env_file_that_is_missing_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_env_file(tmp_path / "none.env")


def test_a_further_service_that_does_not_run_leaves_its_variables_out() -> None:
    env = {"A": "{mysql_host}:{x}", "B": "{x}"}
    assert filled(env, {"x": "1"}) == {"B": "1"}
    assert filled(env, {"x": "1", "mysql_host": "h"}) == {"A": "h:1", "B": "1"}
    with pytest.raises(InputError, match="mysql_hots"):
        filled({"A": "{mysql_hots}"}, {"mysql_host": "h"})


def test_names_in_braces_are_filled() -> None:
    assert filled({"A": "{x}-b", "B": "{{x}}"}, {"x": "1"}) == {"A": "1-b", "B": "{x}"}


@pytest.mark.parametrize("text", ["{", "}", "{}", "a{"])
def test_braces_that_name_nothing_stay(text: str) -> None:
    assert filled({"A": text}, {"x": "1"}) == {"A": text}


@pytest.mark.parametrize("text", ["{nothing}", "{0}", "{key_file.foo}", "{key_file!r}"])
def test_an_unknown_name_in_braces_is_refused_with_those_known(text: str) -> None:
    with pytest.raises(InputError, match="A names something unknown") as caught:
        filled({"A": text}, {"key_file": "k"})
    assert "key_file" in str(caught.value)
