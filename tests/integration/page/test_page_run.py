"""A real run that fails, as its page tells of it: by the command, and by pytest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROJECT = ROOT / "tests" / "projects" / "report_red"
COMMAND = Path(sys.executable).parent / "mage-harness"
TOKEN = "tok-9f8e7d6c5b4a3210"
SETTINGS = f"""
[tool.mage-harness]
project = "{PROJECT}"
env = {{ SHOP_API_TOKEN = "{TOKEN}" }}
"""
HOSTILE = "</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def red(tmp_path_factory):
    """The page of the command, and what it printed."""
    folder = tmp_path_factory.mktemp("red")
    (folder / "pyproject.toml").write_text(SETTINGS)
    done = subprocess.run(
        [str(COMMAND), "run", "--report", "red.html"],
        cwd=folder,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    return (folder / "red.html").read_text("utf-8")


def block(html, uuid):
    """The details of one block, as text."""
    parts = (part.split("<h3>")[0] for part in html.split('<details class="block"')[1:])
    return next(plain(part) for part in parts if f"<b>{uuid}</b>" in part)


def plain(html):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def test_the_failing_line_is_marked_with_what_it_raised(red):
    marked = re.search(r'<div class="line marked">(.*?)</div>\s*<div class="mark">(.*?)</div>', red)

    assert marked
    assert plain(marked[1]).startswith("23 raise ValueError (")
    assert "2 orders, and scrubbed was refused" in plain(marked[2])


def test_each_block_has_its_own_log_and_rows(red):
    load, keep, store = (block(red, uuid) for uuid in ("load", "keep", "store"))

    assert f"loaded by {HOSTILE} with scrubbed and None" in load
    assert "loaded by" not in keep + store
    assert keep.endswith("Its standard output kept 2")
    assert "output_0: 3 rows, 2 columns" in load
    assert "output_0: 2 rows, 3 columns" in keep
    assert HOSTILE in load
    assert "a\\x00b" in load
    assert "\\u202egnp.exe" in load


def test_what_each_service_was_asked_stands_beside_its_block(red):
    rows = [plain(row) for row in re.findall(r'<tr data-find class="[^"]*service">.*?</tr>', red)]

    assert any("CREATE TABLE orders (n int) store" in row for row in rows)
    assert any(re.search(r"gcs POST gs://orders/ 200 store$", row) for row in rows)
    assert not any("mage-harness" in row or "_internal" in row for row in rows)


def test_no_secret_and_no_markup_of_the_data_gets_in(red):
    assert TOKEN not in red
    assert "<img" not in red
    assert red.count("<script>") == 1
    assert "FAILED" in red[: red.index("<main>")]
    assert "<li>mage_ai 0.9" in red


TEST = """
def test_shop(mage):
    mage.run("report_red", variables={"api_key": "key-0a1b2c3d4e5f"})

def test_nothing():
    assert True
"""


@pytest.mark.slow
def test_pytest_writes_one_page_of_all_tests(pytester, mage_settings, monkeypatch):
    # The tests have another home.
    monkeypatch.setenv("MAGE_HARNESS_CACHE", str(mage_settings.cache))
    pytester.makepyprojecttoml(SETTINGS)
    pytester.makepyfile(TEST)
    done = pytester.runpytest_subprocess("-p", "no:cacheprovider", "--mage-report=runs.html")
    done.assert_outcomes(passed=1, failed=1)
    html = (pytester.path / "runs.html").read_text("utf-8")

    assert "report_red in test_pytest_writes_one_page_of_all_tests.py::test_shop" in html
    assert "pipeline report_red did not succeed" in html
    assert "with scrubbed and scrubbed" in html
    assert "key-0a1b2c3d4e5f" not in html
    assert TOKEN not in html
    assert "FAILED" in html[: html.index("<main>")]


def test_each_worker_of_xdist_writes_a_page_of_its_own(pytester):
    pytester.makepyfile("def test_nothing():\n    pass\n")
    done = pytester.runpytest_subprocess("-n1", "-p", "no:cacheprovider", "--mage-report=runs.html")
    done.assert_outcomes(passed=1)

    assert [file.name for file in pytester.path.glob("*.html")] == ["runs.gw0.html"]
    assert "No run has come to its end" in (pytester.path / "runs.gw0.html").read_text("utf-8")
