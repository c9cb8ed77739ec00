"""Files that a source names as its author's machine has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.project.local_files import found, lend
from harness.project.model import Project

WINDOWS = "D:/repos/shop/data/zones.csv"


@pytest.fixture
def project(tmp_path):
    for file, text in {
        "data/zones.csv": "zone\n1\n",
        "shop/lookups/rates.csv": "rate\n2\n",
        "shop/out/old.csv": "a\n",
        "data/key.json": '{"private_key": "x"}',
    }.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    return Project(path=tmp_path / "shop", name="shop", pipelines=())


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("lookups/rates.csv", "shop/lookups/rates.csv"),
        ("./lookups/rates.csv", "shop/lookups/rates.csv"),
        ("shop/lookups/rates.csv", "shop/lookups/rates.csv"),
        ("data/zones.csv", "data/zones.csv"),
        ("/home/src/data/zones.csv", "data/zones.csv"),
        ("/home/src/default_repo/lookups/rates.csv", "shop/lookups/rates.csv"),
        ("/home/mage_code/shop/lookups", "shop/lookups"),
        (WINDOWS, "data/zones.csv"),
        ("C:\\Users\\me\\lookups\\rates.csv", "shop/lookups/rates.csv"),
        ("/home/src/data/trips.csv", None),
        ("/home/src/trips.csv", None),
        ("trips.csv", None),
        ("D:/repos/shop/data/trips.csv", None),
        ("/nowhere/zones.csv", None),
    ],
)
def test_which_file_of_the_repository_a_path_means(project, tmp_path, path, place):
    seen = found(project, path)
    assert (seen.resolve() if seen else None) == ((tmp_path / place).resolve() if place else None)


def lent(project, tmp_path, source):
    copy = tmp_path / "copy" / "shop"
    (copy / "lookups").mkdir(parents=True)
    (copy / "lookups/rates.csv").write_text("rate\n2\n")
    (copy / "block.py").write_text(source)
    return copy, lend(project, copy)


def test_paths_from_the_folder_above_lead_into_the_project(project, tmp_path):
    copy, told = lent(
        project, tmp_path, "open('shop/lookups/rates.csv')\nx = f'shop/new/{1}.csv'\n"
    )
    assert (copy / "shop/lookups/rates.csv").read_text() == "rate\n2\n"
    assert not (copy / "shop/new").exists()
    assert not told
    assert len(list(copy.rglob("rates.csv"))) == 1


def test_files_beside_the_project_are_there_by_a_relative_path_too(project, tmp_path):
    copy, told = lent(project, tmp_path, "open('data/zones.csv')\nopen('data/key.json')\n")
    assert (copy / "data/zones.csv").read_text() == "zone\n1\n"
    assert not (copy / "data/key.json").exists()
    assert not told


def test_a_path_of_windows_is_the_file_that_ends_so(project, tmp_path):
    copy, told = lent(project, tmp_path, f"p = {WINDOWS!r}\nq = 'D:/none/trips.csv'\nr = '1:/x'\n")
    assert (copy / Path(WINDOWS)).read_text() == "zone\n1\n"
    assert told == [f"{WINDOWS} is data/zones.csv of the repository"]


@pytest.mark.parametrize(
    "text", ["D:/../../../data/zones.csv", "../data/zones.csv", f"a/{'b' * 270}", f"a/{'é' * 140}"]
)
def test_what_leads_outside_or_is_no_path_is_let_be(project, tmp_path, text):
    copy, told = lent(project, tmp_path, f"x = {text!r}\n")
    assert sorted(one.name for one in copy.iterdir()) == ["block.py", "lookups"]
    assert not told
    assert not list(tmp_path.glob("copy/data"))


def test_a_name_that_is_too_long_is_nowhere(project):
    assert found(project, f"lookups/{'b' * 270}") is None


def test_the_source_is_left_as_it_is(project, tmp_path):
    before = sorted(map(str, project.path.parent.rglob("*")))
    lent(project, tmp_path / "elsewhere", f"open({WINDOWS!r})\nopen('shop/out/old.csv')\n")
    after = sorted(
        str(one) for one in project.path.parent.rglob("*") if "elsewhere" not in str(one)
    )
    assert after == before
