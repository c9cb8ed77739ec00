"""Parts of a body: the whole is fetched once, however many ask at the same time."""

from __future__ import annotations

from tests.integration.record.origin import CSV, CSV_GZ

_PARTS = (
    "import requests\n"
    "from concurrent.futures import ThreadPoolExecutor\n"
    "url = requests.get('https://origin.test/release', stream=True).url\n"
    "def part(start):\n"
    "    span = f'bytes={start}-{start + 99}'\n"
    "    return requests.get(url, headers={'range': span}, timeout=30)\n"
    "with ThreadPoolExecutor(8) as pool:\n"
    "    found = list(pool.map(part, range(0, 1600, 100)))\n"
    "print({one.status_code for one in found}, b''.join(one.content for one in found).hex())\n"
)


def test_many_parts_at_once_are_one_whole_body(tape):
    out = tape.python(_PARTS)
    assert out == f"{{206}} {CSV_GZ[:1600].hex()}\n"
    # One for the release, and one for all parts.
    assert sum(one.startswith("GET /month") for one in tape.origin.asked) == 2
    assert tape.written.bodies == 1


def test_a_part_of_a_body_of_unknown_size(tape):
    out = tape.python(
        "import requests\n"
        "url = 'https://origin.test/chunked'\n"
        "for span in ('bytes=0-9', 'bytes=-5', 'bytes=9999999-'):\n"
        "    part = requests.get(url, headers={'range': span})\n"
        "    print(part.status_code, part.headers['content-range'], part.content)\n"
    )
    size = len(CSV)
    assert out.splitlines() == [
        f"206 bytes 0-9/{size} {CSV[:10]!r}",
        f"206 bytes {size - 5}-{size - 1}/{size} {CSV[-5:]!r}",
        f"416 bytes */{size} b''",
    ]
    assert tape.origin.asked == ["GET /chunked"]


def test_a_part_of_what_is_not_there(tape):
    out = tape.python(
        "import requests\n"
        "for _ in range(2):\n"
        "    part = requests.get('https://origin.test/none', headers={'range': 'bytes=0-9'})\n"
        "    print(part.status_code, part.text)\n"
    )
    assert out == '404 {"error": "no such page"}\n' * 2


def test_a_client_that_does_not_wait_for_the_end_spoils_nothing(tape):
    tape.python(
        "import requests\n"
        "url = 'https://origin.test/endless'\n"
        "with requests.get(url, stream=True) as answer:\n"
        "    print(next(answer.iter_content(10)))\n"
        "print(len(requests.get(url).content))\n"
        "print(requests.get(url, headers={'range': 'bytes=0-9'}).status_code)\n"
    )
    assert "cut:" not in tape.index
