"""Real clients: recorded at an HTTPS origin, replayed when the origin is gone."""

from __future__ import annotations

import shutil
import sys

import pytest

from tests.integration.record.origin import CSV, CSV_GZ

RELEASE = "https://origin.test/release"


def needs_program(name):
    return pytest.mark.skipif(shutil.which(name) is None, reason=f"{name} is not on PATH")


def test_pandas_follows_a_release_to_its_signed_address(tape):
    code = f"import pandas; print(len(pandas.read_csv({RELEASE!r}, compression='gzip')))"
    assert tape.python(code) == "2000\n"
    assert "0123456789abcdef" not in tape.index
    assert "X-Amz-*" in tape.index
    assert (tape.folder / "made" / "month.csv.gz").read_bytes() == CSV_GZ


def test_requests_with_gzip_chunks_pages_and_a_body(tape):
    tape.python(
        "import requests\n"
        "session = requests.Session()\n"
        "def get(path): return session.get('https://origin.test/' + path, timeout=20)\n"
        "print(len(get('plain').text), get('plain').headers.get('content-encoding'))\n"
        "print(len(get('chunked').content))\n"
        "page = 1\n"
        "while page:\n"
        "    found = get(f'pages?page={page}').json()\n"
        "    print(found['rows'])\n"
        "    page = found['next']\n"
        "for q in ('x', 'y', 'x'):\n"
        "    print(session.post('https://origin.test/query', json={'q': q, 'a': 1}).json())\n"
        "print(get('none').status_code)\n"
    )
    assert "encoding: gzip" in tape.index
    assert (tape.folder / "made" / "plain.csv").read_bytes() == CSV
    # The same content is stored once, also where it came in another way.
    assert len(list((tape.folder / "made").glob("*.csv"))) == 1


def test_a_failing_origin_is_replayed_in_order(tape):
    out = tape.python(
        "import requests\n"
        "print([requests.get('https://origin.test/busy').status_code for _ in range(4)])\n"
        "print(requests.get('https://origin.test/slow').json())\n"
    )
    # Each time the fourth asks it is told so: the number is part of the body.
    assert out == "[429, 500, 200, 200]\n{'slow': True}\n"


def test_an_answer_that_breaks_off_breaks_off_again(tape):
    code = (
        "import requests\n"
        "try:\n"
        "    requests.get('https://origin.test/cut').content\n"
        "except requests.exceptions.ChunkedEncodingError as error:\n"
        "    print(type(error).__name__)\n"
    )
    assert tape.python(code) == "ChunkedEncodingError\n"
    assert f"cut: {len(CSV)}" in tape.index


def test_httpx_sends_a_form_whose_order_does_not_count(tape):
    tape.python(
        "import httpx\n"
        "print(httpx.post('https://origin.test/token', data={'client_secret': 'abc', 'b': '1'})"
        ".json()['next_page_token'])\n"
    )
    assert "match: form" in tape.index


def test_aiohttp_that_is_told_to_heed_the_environment(tape):
    tape.python(
        "import aiohttp, asyncio\n"
        "async def main():\n"
        "    async with aiohttp.ClientSession(trust_env=True) as session:\n"
        f"        async with session.get({RELEASE!r}) as answer:\n"
        "            print(answer.status, len(await answer.read()))\n"
        "asyncio.run(main())\n"
    )


def test_cookies_lead_on_but_are_not_kept(tape):
    out = tape.python(
        "import requests\n"
        "session = requests.Session()\n"
        "session.get('https://origin.test/login')\n"
        "print(session.get('https://origin.test/mine').json())\n"
    )
    assert out == "{'known': True}\n"
    assert "session=scrubbed; Path=/" in tape.index
    assert "abcdef0123456789abcdef" not in tape.index


def test_ranges_are_asked_for_as_one_whole_body(tape):
    tape.python(
        "import requests\n"
        f"url = requests.get({RELEASE!r}).url\n"
        "head = requests.head(url)\n"
        "print(head.status_code, head.headers['content-length'])\n"
        "for span in ('bytes=0-9', 'bytes=10-19', 'bytes=100-'):\n"
        "    part = requests.get(url, headers={'range': span})\n"
        "    print(part.status_code, part.headers['content-range'], part.content[:9])\n"
    )
    assert "206" not in tape.index


def test_a_header_decides_where_it_is_asked_to(tape):
    out = tape.python(
        "import requests\n"
        "for kind in ('text/csv', 'application/json', 'text/csv'):\n"
        "    print(requests.get('https://origin.test/kind', headers={'accept': kind}).text)\n",
        match_headers=["accept"],
    )
    assert out == "a,b\n1,2\n\n[1, 2]\na,b\n1,2\n\n"


@needs_program("curl")
def test_curl(tape):
    tape.both("curl", "-fsSL", "--range", "0-99", "-o", "/dev/null", RELEASE)
    assert [asked.status for asked in tape.requests] == [302, 206]


@needs_program("wget")
def test_wget(tape, tmp_path):
    tape.both("wget", "-q", "-O", str(tmp_path / "month"), RELEASE)
    assert (tmp_path / "month").read_bytes() == CSV_GZ


def test_a_request_with_another_body_is_refused_by_name(tape):
    code = (
        "import requests, sys\n"
        "print(requests.post('https://origin.test/query', json={{'q': {}}}).status_code)\n"
    )
    tape.record(sys.executable, "-c", code.format("'a'"))
    assert tape.replay(sys.executable, "-c", code.format("'b'")).stdout == "470\n"
    (incident,) = tape.incidents
    assert "asks for another body" in incident.message


def test_an_origin_that_cannot_be_reached_is_told_of(tape):
    code = (
        "import requests\nprint(requests.get('https://nowhere.invalid/', timeout=20).status_code)\n"
    )
    tape.record(sys.executable, "-c", code)
    (incident,) = tape.incidents
    assert incident.code == "http-unreachable"
    assert "nowhere.invalid" in incident.message
    assert tape.written.recordings == 0


def test_a_sample_stands_for_the_whole_month(tape):
    code = (
        "import pandas\n"
        f"print(len(pandas.read_csv({RELEASE!r}, compression='gzip')))\n"
        "print(len(pandas.read_csv('https://origin.test/plain')))\n"
    )
    first = tape.record(sys.executable, "-c", code, sample=50)
    assert first.stdout == "2000\n2000\n"
    assert tape.written.sampled == 2
    assert "sample:" in tape.index
    assert "of: 2000" in tape.index
    assert tape.replay(sys.executable, "-c", code).stdout == "50\n50\n"
