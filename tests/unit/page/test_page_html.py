from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from harness.errors import InputError
from harness.page import limits
from harness.page.collecting import Page
from harness.page.limits import Budget
from harness.services.heard import Heard
from tests.page_samples import BEGAN, HOSTILE, Service, output, project_of, run_of, written


class Seen(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.inner, self._open = [], {}, ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        # What has a type is data, which no browser runs.
        self._open = "data" if "type" in dict(attrs) else tag

    def handle_endtag(self, tag):
        self._open = ""

    def handle_data(self, data):
        self.inner.setdefault(self._open, []).append(data)

    def ids(self):
        return [attrs["id"] for _, attrs in self.tags if "id" in attrs]


@pytest.fixture(scope="module")
def red(tmp_path_factory):
    """The page of a run with something hostile wherever it can be."""
    folder = tmp_path_factory.mktemp("red")
    project = project_of(folder / "shop", {"load": [], "keep": ["load"], "store": ["keep"]})
    literal = HOSTILE.replace("\udcff", "").replace("\x00", "").replace("'", "''")
    output(
        folder / "variables",
        "load",
        f"SELECT '{literal}' AS \"{literal.replace(chr(34), chr(34) * 2)}\"",
    )
    events = [
        {"event": "block_start", "block": "load", "at": BEGAN, "pid": 1, "printed": [0, 0]},
        {"event": "block_end", "block": "load", "at": BEGAN, "pid": 1, "printed": [99, 0]},
    ]
    run = run_of(
        folder,
        project,
        failing=["store"],
        stdout=HOSTILE.encode("utf-8", "surrogateescape"),
        events=events,
    )
    service = Service(Heard(at=BEGAN + 1, service="postgres", what=HOSTILE, answer=HOSTILE))
    return written(folder / "run.html", project, run, services=[service])


def test_nothing_of_a_run_becomes_markup(red):
    seen = Seen(red)

    assert not {"img", "iframe", "object", "link", "form input"} & {tag for tag, _ in seen.tags}
    scripts = [attrs.get("type") for tag, attrs in seen.tags if tag == "script"]
    assert scripts == ["application/json", None]
    assert "<" not in "".join(seen.inner["data"])
    assert not [name for _, attrs in seen.tags for name in attrs if name.startswith("on")]
    assert "</script><img" not in "".join(seen.inner["script"])
    assert red.count("&lt;/script&gt;&lt;img") >= 8
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", red)


def test_the_page_asks_for_nothing_and_lets_only_its_own_script_run(red):
    seen = Seen(red)
    links = [
        attrs[name] for _, attrs in seen.tags for name in ("src", "href", "action") if name in attrs
    ]
    policy = next(
        attrs["content"] for tag, attrs in seen.tags if "http-equiv" in attrs and tag == "meta"
    )

    assert links
    assert {link[0] for link in links} == {"#"}
    assert {link[1:] for link in links} <= set(seen.ids())
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        text = "".join(seen.inner[tag])
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not [attrs for _, attrs in seen.tags if "style" in attrs]
    assert "unsafe" not in policy
    assert len(seen.ids()) == len(set(seen.ids()))


def test_the_verdict_comes_first_and_the_failing_line_is_marked(red):
    body = red[red.index("<body>") :]

    assert body.index("FAILED") < body.index("<table")
    marked = re.search(
        r'<div class="line marked"><span class="at">5</span>.*?</div>', body, re.DOTALL
    )
    assert marked
    assert "ZeroDivisionError" in body[marked.end() : marked.end() + 100]


@pytest.mark.slow
def test_200_blocks_with_large_cells_and_many_statements_stay_within_bounds(tmp_path):
    project = project_of(
        tmp_path / "shop", {f"b{n:03}": [f"b{n // 2:03}"] if n else [] for n in range(200)}
    )
    wide = ", ".join(f"repeat('<', 1_000) || range AS c{n}" for n in range(40))
    made = output(tmp_path / "variables", "b000", f"SELECT {wide} FROM range(20)")
    for number in (*range(1, 45), 199):
        other = tmp_path / "variables" / f"b{number:03}" / "output_0" / "data.parquet"
        other.parent.mkdir(parents=True)
        other.hardlink_to(made)
    many = Service(
        *(Heard(at=BEGAN + n / 100, service="postgres", what="<" * 5_000) for n in range(5_000))
    )
    html = written(
        tmp_path / "run.html",
        project,
        run_of(tmp_path, project, failing=["b199"]),
        services=[many],
    )

    assert len(html) < limits.VITAL + limits.KEPT + 3_000_000
    assert html.count('<details class="block"') == 200
    failed = html[html.index('data-state="failed" open') :]
    assert "output_0" in failed
    assert "4,600 more are left out" in html


def test_room_is_kept_for_what_failed():
    budget = Budget(whole=10, vital=15)

    assert budget.take(10)
    assert not budget.take(1)
    assert budget.take(5, vital=True)
    assert not budget.take(1, vital=True)


def test_before_a_run_has_ended_the_page_says_so_and_is_its_owners_alone(tmp_path):
    file = tmp_path / "run.html"
    file.write_text("an older one: PASSED")
    Page(file, option="--report")

    assert "NOT FINISHED" in file.read_text()
    assert "PASSED" not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("place", ["none/run.html", "folder"])
def test_a_file_that_cannot_be_written_is_said_before_anything_runs(tmp_path, place):
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="cannot be written") as told:
        Page(tmp_path / place, option="--report")

    assert "--report" in told.value.remedy
