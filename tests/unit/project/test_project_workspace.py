from __future__ import annotations

import errno
import os
import shutil
import stat
from pathlib import Path

import pytest
import yaml

from harness.errors import EnvironmentNotAbleError, ProjectError
from harness.project.reader import read_project
from harness.project.workspace import create_workspace

VALUES = {"POSTGRES_HOST": "127.0.0.1"}


@pytest.fixture
def project(maker):
    maker.pipeline("p", maker.block("a"))
    maker.file("io_config.yaml", "default:\n  POSTGRES_HOST: far\n  MINE: 1\n")
    maker.file("utils/shared.py", "x = 1\n")
    maker.file("run.sh", "#!/bin/sh\n").chmod(0o755)
    return read_project(maker.path)


def copy(project, tmp_path, **values):
    return create_workspace(project, folder=tmp_path / "run", overlay=values or VALUES)


def test_the_copy_keeps_the_name_and_is_private(project, tmp_path):
    workspace = copy(project, tmp_path)
    assert workspace.path == tmp_path / "run" / "project" / "demo"
    assert (workspace.path / "utils/shared.py").read_text() == "x = 1\n"
    assert "127.0.0.1" in (workspace.path / "io_config.yaml").read_text()
    assert read_project(workspace.path).pipeline("p").blocks == project.pipeline("p").blocks
    for path in [tmp_path / "run", *(tmp_path / "run").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert os.access(workspace.path / "run.sh", os.X_OK)
    assert not os.access(workspace.path / "utils/shared.py", os.X_OK)
    for folder in (workspace.data_dir, workspace.home, workspace.tmp, workspace.logs):
        assert folder.is_absolute()
        assert list(folder.iterdir()) == []


def test_the_source_is_not_touched(project, maker, tree_state, tmp_path):
    before = tree_state(maker.path)
    workspace = copy(project, tmp_path)
    (workspace.path / "utils/shared.py").write_text("changed")
    shutil.rmtree(workspace.path)
    assert tree_state(maker.path) == before


def test_a_changed_file_has_its_other_text_in_the_copy_alone(project, maker, tree_state, tmp_path):
    before = tree_state(maker.path)
    workspace = create_workspace(
        project,
        folder=tmp_path / "run",
        overlay=VALUES,
        changed={Path("utils/shared.py"): "x = 2\r\n"},
    )
    file = workspace.path / "utils/shared.py"
    assert file.read_bytes() == b"x = 2\r\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert tree_state(maker.path) == before


def test_what_tools_and_runs_leave_behind_is_left_out(project, maker, tmp_path):
    for name in (".git/config", "a/__pycache__/x.pyc", ".variables/x", ".logs/x", "mage_data/x"):
        maker.file(name, "x")
    maker.file(".env", "SECRET=1")
    maker.file("myenv/pyvenv.cfg", "")
    maker.file("myenv/lib/x.py", "")
    maker.file("env/kept.py", "")
    workspace = copy(project, tmp_path)
    names = {str(path.relative_to(workspace.path)) for path in workspace.path.rglob("*")}
    assert "env/kept.py" in names
    assert not {name for name in names if "x" in name.split("/")[-1]}
    assert not names & {".git", ".env", "myenv", "mage_data"}
    assert [note.split(":")[0] for note in workspace.notes] == [".env", "myenv"]


def test_links_inside_stay_links_into_the_copy(project, maker, tmp_path):
    (maker.path / "link.py").symlink_to("utils/shared.py")
    (maker.path / "deep").mkdir()
    (maker.path / "deep" / "abs.py").symlink_to(maker.path / "utils" / "shared.py")
    # Some projects make their own name importable like this.
    (maker.path / "demo").symlink_to(".")
    workspace = copy(project, tmp_path)
    for name in ("link.py", "deep/abs.py", "demo/utils/shared.py"):
        real = (workspace.path / name).resolve()
        assert real == (workspace.path / "utils/shared.py").resolve()
    assert workspace.notes == ()


def test_links_out_of_the_project_are_copied_by_content(project, maker, tmp_path):
    outside = tmp_path / "outside"
    (outside / "data").mkdir(parents=True)
    (outside / "data" / "rows.csv").write_text("1\n")
    (maker.path / "data").symlink_to(outside / "data")
    (maker.path / "rows.csv").symlink_to(outside / "data" / "rows.csv")
    (maker.path / "dangling").symlink_to(tmp_path / "nothing")
    workspace = copy(project, tmp_path)
    for name in ("data/rows.csv", "rows.csv"):
        path = workspace.path / name
        assert (path.is_symlink(), path.read_text()) == (False, "1\n")
        path.write_text("2\n")
    assert (outside / "data" / "rows.csv").read_text() == "1\n"
    assert not (workspace.path / "data").is_symlink()
    assert len(workspace.notes) == 3
    assert "dangling: left out" in workspace.notes[0] + workspace.notes[1] + workspace.notes[2]


def test_a_link_that_leads_back_above_the_project_is_refused(project, maker, tmp_path):
    (maker.path / "repository").symlink_to(tmp_path)
    folder = tmp_path.parent / f"{tmp_path.name}-run"
    with pytest.raises(ProjectError, match="leads back"):
        create_workspace(project, folder=folder, overlay=VALUES)
    assert not (folder / "project").exists()


def test_a_pipe_is_left_out(project, maker, tmp_path):
    os.mkfifo(maker.path / "pipe")
    assert copy(project, tmp_path).notes == ("pipe: left out: it is neither a file nor a folder",)


def test_a_large_file_is_copied_and_said(project, maker, tmp_path):
    with maker.file("big.bin", "").open("wb") as stream:
        stream.truncate(150_000_000)
    assert copy(project, tmp_path).notes == ("big.bin: copied, 150 MB",)


def test_a_linked_io_config_is_overlaid_in_the_copy_only(project, maker, tmp_path):
    (maker.path / "io_config.yaml").rename(maker.path / "real.yaml")
    (maker.path / "io_config.yaml").symlink_to("real.yaml")
    workspace = copy(project, tmp_path)
    assert "127.0.0.1" in (workspace.path / "io_config.yaml").read_text()
    assert "far" in (workspace.path / "real.yaml").read_text()


def test_a_missing_io_config_is_made_for_the_profiles_that_blocks_use(maker, tmp_path):
    maker.pipeline("p", maker.block("a", code="ConfigFileLoader(path, 'dev')\n"))
    workspace = copy(read_project(maker.path), tmp_path)
    assert (workspace.path / "io_config.yaml").read_text() == "dev:\n  POSTGRES_HOST: 127.0.0.1\n"
    assert "made with the profiles dev" in workspace.notes[0]
    assert not (maker.path / "io_config.yaml").exists()


def test_no_io_config_is_made_where_no_block_needs_one(maker, tmp_path):
    maker.pipeline("p", maker.block("a"))
    workspace = copy(read_project(maker.path), tmp_path)
    assert not (workspace.path / "io_config.yaml").exists()


def test_a_malformed_io_config_leaves_no_copy(project, maker, tmp_path):
    maker.file("io_config.yaml", "default:\n  A: {{ env_var( }}\n")
    with pytest.raises(ProjectError, match=r"io_config.yaml:2"):
        copy(project, tmp_path)
    assert not (tmp_path / "run" / "project").exists()


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EROFS, "could not be made"),
    ],
)
def test_a_disk_that_does_not_take_it(project, tmp_path, monkeypatch, number, said):
    def refuse(source, target):
        raise OSError(number, os.strerror(number), str(target))

    monkeypatch.setattr(shutil, "copyfile", refuse)
    with pytest.raises(EnvironmentNotAbleError, match=said) as caught:
        copy(project, tmp_path)
    assert caught.value.exit_status == 3
    assert str(tmp_path / "run") in str(caught.value)
    assert "TMPDIR" in caught.value.remedy
    assert not (tmp_path / "run" / "project").exists()


def test_an_unreadable_file_is_named(project, maker, tmp_path, monkeypatch):
    def refuse(source, target):
        raise PermissionError(errno.EACCES, "Permission denied", str(source))

    monkeypatch.setattr(shutil, "copyfile", refuse)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(ProjectError, match=r"cannot be read"):
        copy(project, tmp_path)


def test_a_run_inside_of_the_project_is_refused(project):
    with pytest.raises(ProjectError, match="inside of the project"):
        create_workspace(project, folder=project.path / "tmp", overlay={})
    assert not (project.path / "tmp").exists()


def test_a_path_that_mage_takes_for_its_own_tests_is_refused(project, tmp_path):
    with pytest.raises(EnvironmentNotAbleError, match="unittest"):
        create_workspace(project, folder=tmp_path / "unittest", overlay={})


def test_profiles_that_the_published_file_lacks_are_made_where_the_settings_say_so(
    project, maker, tmp_path
):
    maker.file("io_config.yaml", "default:\n  POSTGRES_HOST: theirs\n  # the last line")
    values = {"POSTGRES_HOST": "127.0.0.1", "POSTGRES_PORT": "5433"}
    workspace = create_workspace(
        project, folder=tmp_path / "run", overlay=values, profiles=("prod", "default")
    )
    written = yaml.safe_load((workspace.path / "io_config.yaml").read_text())
    assert written == {"default": values, "prod": values}
    assert "io_config.yaml: made with the further profiles prod" in workspace.notes


def test_a_private_key_does_not_reach_the_run(project, maker, tmp_path):
    maker.file("gcp.json", '{"type": "service_account", "private_key": "-----BEGIN"}')
    maker.file("data.json", '{"type": "table"}')
    workspace = copy(project, tmp_path)
    assert not (workspace.path / "gcp.json").exists()
    assert (workspace.path / "data.json").is_file()
    assert any("gcp.json" in note and "private key" in note for note in workspace.notes)
