"""Which of a run's folders is seen at which path of Mage's container."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.project.container_layout import lay_out
from harness.project.container_paths import named_paths
from harness.project.import_names import link_import_names
from harness.project.model import Project


@pytest.fixture
def copy(tmp_path) -> Path:
    (tmp_path / "run" / "shop" / "utils").mkdir(parents=True)
    (tmp_path / "repository" / "shop").mkdir(parents=True)
    return tmp_path / "run" / "shop"


def laid_out(copy: Path, text: str, *, needed=(), key=None):
    (copy / "block.py").write_text(text)
    root = copy.parents[1]
    project = Project(path=root / "repository" / "shop", name="shop")
    return lay_out(project, copy=copy, folder=root / "places", variables={}, needed=needed, key=key)


@pytest.mark.parametrize(
    ("text", "path", "folder"),
    [
        ("open('/home/src/a/b.csv')", "/home/src/a/b.csv", False),
        ("f'/home/src/a/{name}.csv'", "/home/src/a", True),
        ("'/home/src/a/%s.csv' % x", "/home/src/a", True),
        ("path: /home/mage_code/out/", "/home/mage_code/out", True),
        ("'sqlite:////home/src/x.db'", "/home/src/x.db", False),
        ("'/other/home/src/x'", "", False),
        ("'/home/srcs/x'", "", False),
        ("'/home/src/../etc/passwd'", "/home/src", True),
    ],
)
def test_paths_that_a_source_names(copy, text, path, folder):
    (copy / "block.py").write_text(text)
    found = [(one.path, one.folder) for one in named_paths(copy, variables={})]
    assert found == ([(path, folder)] if path else [])


def test_a_variable_of_the_settings_names_paths_too(copy):
    (found,) = named_paths(copy, variables={"OUT": "/home/src/out"})
    assert found.path == "/home/src/out"


def test_nothing_is_shown_where_nothing_is_named(copy):
    assert laid_out(copy, "x = 1").shown == ()


def test_the_project_is_seen_by_its_name_and_by_its_authors(copy):
    layout = laid_out(copy, "'/home/src/shop/a.csv', '/home/src/magic/utils/b.csv'")
    assert layout.here("/home/src/shop/a.csv") == copy / "a.csv"
    assert layout.here("/home/src/magic/utils/b.csv") == copy / "utils" / "b.csv"
    assert [target for _, target in layout.shown] == [
        "/home/src",
        "/home/src/magic",
        "/home/src/shop",
    ]


def test_the_project_itself_may_be_the_root(copy):
    layout = laid_out(copy, "'/home/src/utils/a.csv'")
    assert layout.here("/home/src/utils/a.csv") == copy / "utils" / "a.csv"


def test_a_root_that_holds_what_the_run_needs_stays(copy):
    assert laid_out(copy, "'/home/src/x.csv'", needed=[Path("/home/src/.venv")]).shown == ()


def test_a_key_that_is_not_there_is_made_and_other_files_are_not(copy, tmp_path):
    key = tmp_path / "key.json"
    key.write_text("{}")
    text = "CREDENTIALS = '/home/src/k/my.json'\ndata = '/home/src/d/rows.json'"
    layout = laid_out(copy, text, key=key)
    assert layout.here("/home/src/k/my.json").read_text() == "{}"
    assert not layout.here("/home/src/d/rows.json").exists()
    assert layout.here("/home/src/d").is_dir()


def test_what_lies_beside_the_project_is_copied(copy, tmp_path):
    beside = tmp_path / "repository" / "data"
    beside.mkdir()
    (beside / "a.csv").write_text("n\n1\n")
    (beside / "key.json").write_text('{"private_key": "real"}')
    layout = laid_out(copy, "listdir('/home/src/data'), '/home/src/data/a.csv'")
    place = layout.here("/home/src/data/a.csv")
    assert place.read_text() == "n\n1\n"
    assert not layout.here("/home/src/data/key.json").exists()
    assert not place.is_relative_to(tmp_path / "repository")


def test_a_path_is_none_of_the_runs_own_or_relative_to_the_project(copy):
    layout = laid_out(copy, "'/home/src/x/'")
    assert layout.here("/etc/passwd") is None
    assert layout.here("a.csv") == copy / "a.csv"
    assert layout.here(copy / "a.csv") == copy / "a.csv"


def test_the_project_is_imported_by_the_name_that_its_author_gave_it(copy):
    (copy / "block.py").write_text(
        "from default_repo.utils.x import y\nfrom os.path import join\nfrom shop.utils import z\n"
        "from utils.x import y\nimport numpy.linalg\n"
    )
    assert link_import_names(copy) == ("default_repo",)
    assert (copy.parent / "default_repo" / "utils").is_dir()
