"""A real run that fails, as its page tells of it: by the command, and by pytest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from html import unescape
from pathlib import Path

import pytest

from harness.page.comparing import compared
from harness.page.earlier import read_earlier

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
def told(tmp_path_factory):
    """The folder with all that the command has told of the run."""
    folder = tmp_path_factory.mktemp("red")
    (folder / "pyproject.toml").write_text(SETTINGS)
    done = subprocess.run(
        [
            *(str(COMMAND), "run", "--report", "red.html", "--json", "red.json"),
            *("--junit", "red.xml", "--bundle", "."),
        ],
        cwd=folder,
        env={**os.environ, "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "job.md")},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    (folder / "output.txt").write_text(done.stdout + done.stderr)
    return folder


@pytest.fixture(scope="module")
def red(told):
    """The page of the command."""
    return (told / "red.html").read_text("utf-8")


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


@pytest.mark.parametrize("file", ["output.txt", "red.json", "red.xml", "job.md", "red.html"])
def test_a_secret_in_an_exception_is_told_nowhere(told, file):
    text = (told / file).read_text("utf-8").replace("\\", "")

    assert "2 orders, and scrubbed was refused" in text
    assert TOKEN not in text


def test_junit_tells_of_the_run_and_of_the_files_about_it(told):
    suite = ET.parse(told / "red.xml").find("testsuite")
    properties = [(one.get("name"), one.get("value")) for one in suite.iter("property")]

    assert ("mage_verdict", "failed") in properties
    assert ("mage_rows", "gcs orders/all.csv: 2") in properties
    assert ("mage_report", str(told / "red.html")) in properties
    assert ("mage_bundle", str(told / "report_red.mage.zip")) in properties
    assert suite.find("testcase[@name='store']/failure").get("type") == "block-failed"


def test_the_bundle_and_the_json_of_a_run_are_earlier_ones_beside_its_report(told):
    now = read_earlier(told / "red.html")
    for name, lacks in (("red.json", "code"), ("report_red.mage.zip", "data")):
        beside = compared(read_earlier(told / name), now, file=name)
        assert [one.differs for one in beside.runs[0].blocks] == [False, False, False]
        assert lacks in beside.lacks
    same = compared(now, now, file="red.html")
    assert (same.differing, same.lacks, same.versions) == (0, "", ())


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
    done = pytester.runpytest_subprocess(
        *("-p", "no:cacheprovider", "--mage-report=runs.html", "--junitxml=junit.xml")
    )
    done.assert_outcomes(passed=1, failed=1)
    html = (pytester.path / "runs.html").read_text("utf-8")

    assert "report_red in test_pytest_writes_one_page_of_all_tests.py::test_shop" in html
    assert "pipeline report_red did not succeed" in html
    assert "with scrubbed and scrubbed" in html
    assert "key-0a1b2c3d4e5f" not in html
    junit = (pytester.path / "junit.xml").read_text()
    assert 'name="mage_report" value="' in junit
    for text in (html, junit, done.stdout.str()):
        assert TOKEN not in text
    assert "FAILED" in html[: html.index("<main>")]


def test_each_worker_of_xdist_writes_a_page_of_its_own(pytester):
    pytester.makepyfile("def test_nothing():\n    pass\n")
    done = pytester.runpytest_subprocess("-n1", "-p", "no:cacheprovider", "--mage-report=runs.html")
    done.assert_outcomes(passed=1)

    assert [file.name for file in pytester.path.glob("*.html")] == ["runs.gw0.html"]
    assert "No run has come to its end" in (pytester.path / "runs.gw0.html").read_text("utf-8")
