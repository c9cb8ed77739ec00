from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import textwrap
import zipfile
from base64 import urlsafe_b64encode
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import EnvironmentNotAbleError, ProjectError, SettingsError
from harness.project.environment import _complete, ensure_environment, environment_state
from harness.project.interpreter import of_pyenv
from harness.project.model import Project
from harness.project.recipe import Recipe
from harness.project.requirements import read_requirements
from harness.settings import Settings

OWN = f"{sys.version_info.major}.{sys.version_info.minor}"


def wheel(folder: Path, name: str, version: str, *, requires: str = "") -> Path:
    """A package of one module and one program."""
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    files = {
        f"{module}.py": "def main():\n    print('hello')\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {module}:main\n",
    }
    record = ""
    for path, text in files.items():
        digest = urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(text)}\n"
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    target = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return target


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A folder of packages that is all the world uv can see."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    for name, value in {
        "UV_OFFLINE": "1",
        "UV_NO_INDEX": "1",
        "UV_FIND_LINKS": str(folder),
        "UV_CACHE_DIR": str(tmp_path / "uv-cache"),
        "UV_NO_CONFIG": "1",
    }.items():
        monkeypatch.setenv(name, value)
    wheel(folder, "small-thing", "1.0")
    return folder


@pytest.fixture
def settings(tmp_path):
    return Settings(cache=tmp_path / "cache")


@pytest.fixture
def project(tmp_path):
    return Project(path=tmp_path / "demo", name="demo")


def recipe(**changes):
    base = {
        "requirements": None,
        "text": "",
        "packages": ("small-thing",),
        "python": OWN,
        "distribution": "small-thing",
        "script": "small-thing",
    }
    return Recipe(**{**base, **changes})


def test_it_is_made_once_byte_compiled_and_then_only_found(shelf, settings, project):
    lines = []
    made = ensure_environment(settings, project, progress=lines.append, recipe=recipe())
    assert (made.made, made.version) == (True, "1.0")
    assert any("making Mage's environment (small-thing)" in line for line in lines)
    done = subprocess.run(made.mage, check=True, capture_output=True, text=True)
    assert done.stdout == "hello\n"
    assert list((made.python.parent.parent / "lib").rglob("small_thing.*.pyc"))
    assert (settings.cache / "mage").stat().st_mode & 0o077 == 0

    lines.clear()
    again = ensure_environment(settings, project, progress=lines.append, recipe=recipe())
    assert (again.made, again.python, again.version, lines) == (False, made.python, "1.0", [])


def test_a_requirements_file_is_installed_with_it(shelf, settings, project, tmp_path):
    wheel(shelf, "other", "2.0")
    file = tmp_path / "requirements.txt"
    file.write_text("other  # a note\n")
    made = ensure_environment(
        settings, project, recipe=recipe(requirements=file, text=file.read_text())
    )
    subprocess.run([made.python, "-c", "import other, small_thing"], check=True)


def from_file(file):
    text, lines = read_requirements(file, version="0.9.80")
    return recipe(requirements=file, text=text, lines=lines)


def test_oddities_of_a_requirements_file_are_told_and_the_rest_is_installed(
    shelf, settings, project, tmp_path
):
    wheel(shelf, "scikit-learn", "2.0")
    file = tmp_path / "requirements.txt"
    file.write_bytes("\ufeffsklearn\r\nlibpq-dev\r\n-e .\r\nos\r\n".encode("utf-16-le"))
    said = []
    made = ensure_environment(settings, project, progress=said.append, recipe=from_file(file))
    subprocess.run([made.python, "-c", "import scikit_learn, small_thing"], check=True)
    told = [line.split(":")[1] for line in said if line.startswith("requirements.txt:")]
    assert told == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("\nother==1.0\n", ["requirements.txt:2: other==1.0", "asks for other>=2"]),
        ("# x\nsmal-thing\n", ["requirements.txt:2: there is no package smal-thing"]),
        ("small-thing==9\n", ["requirements.txt:1: there is no version that fits small-thing==9"]),
        ("small-thing\nsmall thing\n", ["requirements.txt:2: 'small thing' cannot be read"]),
    ],
)
def test_what_cannot_be_installed_is_told_by_its_line(
    shelf, settings, project, tmp_path, monkeypatch, text, parts
):
    monkeypatch.delenv("UV_OFFLINE")  # without an index, nothing is asked either
    wheel(shelf, "other", "1.0")
    wheel(shelf, "other", "2.0")
    wheel(shelf, "big-thing", "3.0", requires="Requires-Dist: other>=2\n")
    file = tmp_path / "requirements.txt"
    file.write_text(text)
    made = replace(from_file(file), packages=("small-thing", "big-thing==3.0"))
    with pytest.raises(ProjectError) as caught:
        ensure_environment(settings, project, recipe=made)
    for part in parts:
        assert part in str(caught.value)


def test_half_an_environment_is_made_anew(shelf, settings, project):
    folder = settings.cache / "mage" / recipe().key
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    (folder / "left-over").write_text("")
    assert ensure_environment(settings, project, recipe=recipe()).made
    assert not (folder / "left-over").exists()


def test_an_environment_whose_python_is_gone_is_made_anew(shelf, settings, project):
    made = ensure_environment(settings, project, recipe=recipe())
    made.python.unlink()
    made.python.symlink_to("/nowhere/python")
    assert _complete(made.python.parent.parent, recipe()) is None
    assert ensure_environment(settings, project, recipe=recipe()).made


@pytest.mark.parametrize("moment", ["looking for Python", "making Mage's environment"])
def test_a_build_that_is_broken_off_leaves_nothing(shelf, settings, project, moment):
    def interrupt(line):
        if line.startswith(moment):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure_environment(settings, project, progress=interrupt, recipe=recipe())
    assert not (settings.cache / "mage" / recipe().key).exists()
    assert ensure_environment(settings, project, recipe=recipe()).made


def test_two_processes_make_it_once(shelf, settings, tmp_path):
    code = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from harness.project.environment import ensure_environment
        from harness.project.model import Project
        from harness.project.recipe import Recipe
        from harness.settings import Settings
        made = ensure_environment(
            Settings(cache=Path(sys.argv[1])),
            Project(path=Path("/"), name=""),
            recipe=Recipe(requirements=None, text="", packages=("small-thing",),
                python=sys.argv[2], distribution="small-thing", script="small-thing"),
        )
        print(made.made, made.version)
        """
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(settings.cache), OWN],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        )
        for _ in range(2)
    ]
    said = sorted(process.communicate(timeout=120)[0].strip() for process in both)
    assert said == ["False 1.0", "True 1.0"]


def test_requirements_that_exclude_each_other_are_named(shelf, settings, project):
    wheel(shelf, "needs-old", "1.0", requires="Requires-Dist: small-thing<1\n")
    wanted = recipe(packages=("small-thing==1.0", "needs-old"))
    with pytest.raises(ProjectError) as caught:
        ensure_environment(settings, project, recipe=wanted)
    assert "needs-old" in str(caught.value)
    assert "small-thing<1" in str(caught.value)
    assert not (settings.cache / "mage" / wanted.key).exists()


def test_a_python_that_is_not_there_names_those_that_are(
    shelf, settings, project, tmp_path, monkeypatch
):
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    with pytest.raises(EnvironmentNotAbleError) as caught:
        ensure_environment(settings, project, recipe=recipe(python="3.7"))
    assert "there is no Python 3.7" in str(caught.value)
    assert f"found: cpython-{OWN}" in str(caught.value)
    assert "uv python install 3.7" in caught.value.remedy


def test_a_python_that_only_pyenv_has_is_found_there(tmp_path, monkeypatch):
    for name in ("3.12.1", "3.12.10", "3.12.9", "3.1.2", "3.12-dev"):
        program = tmp_path / "versions" / name / "bin" / "python3"
        program.parent.mkdir(parents=True)
        program.touch()
    (tmp_path / "versions" / "3.12.11").mkdir()
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    assert of_pyenv("3.12") == tmp_path / "versions" / "3.12.10" / "bin" / "python3"
    assert of_pyenv("3.12.1") == tmp_path / "versions" / "3.12.1" / "bin" / "python3"
    assert of_pyenv("3.11") is None


def test_an_environment_that_does_not_work_is_not_kept(shelf, settings, project):
    wanted = recipe(distribution="nothing-of-it")
    with pytest.raises(EnvironmentNotAbleError, match="does not work"):
        ensure_environment(settings, project, recipe=wanted)
    assert not (settings.cache / "mage" / wanted.key).exists()


def test_a_cache_that_cannot_be_written(shelf, project, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentNotAbleError, match="cannot be kept in"):
        ensure_environment(Settings(cache=tmp_path / "file"), project, recipe=recipe())


def test_the_state_is_looked_at_without_making_anything(settings, project):
    state = environment_state(settings, project)
    assert (state.ready, state.size, state.version) == (False, 0, "0.9.80")
    assert state.path.parent == settings.cache / "mage"
    assert not settings.cache.exists()


def test_an_interpreter_that_the_settings_name_is_checked(settings, project, tmp_path):
    module = tmp_path / "site" / "mage_ai"
    (module.parent / "mage_ai-0.9.70.dist-info").mkdir(parents=True)
    (module.parent / "mage_ai-0.9.70.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: mage-ai\nVersion: 0.9.70\n"
    )
    module.mkdir()
    (module / "__init__.py").write_text("")
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True
    )
    python = tmp_path / "venv" / "bin" / "python"
    (library,) = (tmp_path / "venv" / "lib").glob("*/site-packages")
    (library / "x.pth").write_text(str(module.parent))
    named = settings.model_copy(update={"mage_python": python})
    found = ensure_environment(named, project)
    assert (found.python, found.version, found.made) == (python, "0.9.70", False)
    assert found.mage == (str(python), "-m", "mage_ai.cli.main")
    assert environment_state(named, project).ready

    (library / "x.pth").unlink()
    with pytest.raises(SettingsError, match="cannot import mage-ai") as caught:
        ensure_environment(named, project)
    assert "ModuleNotFoundError" in str(caught.value)
    assert "cannot import" in environment_state(named, project).detail
    nowhere = settings.model_copy(update={"mage_python": tmp_path / "nowhere"})
    with pytest.raises(SettingsError, match="cannot be started"):
        ensure_environment(nowhere, project)
