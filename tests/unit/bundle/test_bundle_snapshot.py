"""The project in a bundle makes the same environment for Mage, and has no links."""

from __future__ import annotations

import pytest

from harness.bundle.snapshot import keep_project, keep_recipe
from harness.project.reader import read_project
from harness.project.recipe import mage_recipe
from harness.settings import Settings


@pytest.fixture
def repository(tmp_path):
    project = tmp_path / "repository" / "mine"
    (project / "pipelines").mkdir(parents=True)
    (project / "metadata.yaml").write_text("project_type: standalone\n")
    (project / "utils.py").write_text("A = 1\n")
    (project / "utils.sh").write_text("#!/bin/sh\n")
    (project / "utils.sh").chmod(0o755)
    (project / "utils_link.py").symlink_to("utils.py")
    (project / "folder_link").symlink_to("pipelines")
    (project / "io_config.yaml").write_text("# a comment\ndefault:\n  POSTGRES_HOST: db\n")
    (project / ".env").write_text("A=secret\n")
    (project / "__pycache__").mkdir()
    return tmp_path / "repository"


def write(repository, files):
    for name, text in files.items():
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text(text)


def kept(repository, tmp_path, **settings):
    """The settings of the project, and those of its copy elsewhere."""
    project = read_project(repository / "mine")
    folder = tmp_path / "bundle" / "project"
    left = keep_project(project, folder, scratch=tmp_path / "scratch")
    own = Settings(project=project.path, **settings)
    named = keep_recipe(project, own, folder)
    places = {name: folder / place for name, place in named.items() if place is not None}
    return left, (own, project), (Settings(project=folder / "mine", **places), folder)


def test_the_copy_has_the_authors_files_and_no_links(repository, tmp_path):
    left, _, (_, folder) = kept(repository, tmp_path)
    copy = folder / "mine"
    assert {one.name for one in copy.iterdir()} == {
        *("metadata.yaml", "pipelines", "utils.py", "utils.sh", "utils_link.py"),
        "io_config.yaml",
    }
    assert not any(one.is_symlink() for one in copy.rglob("*"))
    assert (copy / "utils_link.py").read_text() == "A = 1\n"
    assert (copy / "utils.sh").stat().st_mode & 0o100
    assert (copy / "io_config.yaml").read_text().startswith("# a comment")
    assert {one.what for one in left} == {"project .env", "project folder_link"}


@pytest.mark.parametrize(
    ("files", "settings"),
    [
        ({}, {}),
        ({"mine/requirements.txt": "requests==2.32.0\n"}, {}),
        ({"requirements.txt": "-r more.txt\n", "more.txt": "rich==13.9.4\n"}, {}),
        ({"Dockerfile": "FROM mageai/mageai\nRUN pip install rich==13.9.4\n"}, {}),
        (
            {
                "Dockerfile": "FROM mageai/mageai\nRUN pip install -r further.txt\n",
                "requirements.txt": "requests==2.32.0\n",
                "further.txt": "rich==13.9.4\n",
            },
            {},
        ),
        (
            {"deploy/r.txt": "-r s.txt\n", "deploy/s.txt": "rich\n", "Dockerfile": "FROM scratch"},
            {"requirements": "deploy/r.txt"},
        ),
        (
            {"docker/Mage": "FROM mageai/mageai\nRUN pip install rich\n"},
            {"dockerfile": "docker/Mage"},
        ),
    ],
)
def test_the_same_environment_is_made_of_the_copy(repository, tmp_path, files, settings):
    write(repository, files)
    given = {name: repository / place for name, place in settings.items()}
    _, (own, project), (others, folder) = kept(repository, tmp_path, **given)
    there = mage_recipe(others, read_project(folder / "mine"))
    assert there.key == mage_recipe(own, project).key
