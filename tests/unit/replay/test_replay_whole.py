"""Bodies that pass on their way to disk, whole or in part."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest

from harness.replay.answer import Stretch
from harness.replay.whole import Keeper, Wholes

BODY = b"0123456789"


def passed(keeper, *, pieces):
    """What a keeper gives, piece by piece, and then at the end."""
    return [keeper(piece) for piece in [*pieces, b""]]


def part(start, size):
    return Stretch(file=Path("unused"), start=start, size=size, announced=size)


def test_a_whole_body_is_kept_and_passed_on_as_it_comes():
    stream = io.BytesIO()
    assert passed(Keeper(stream), pieces=[b"ab", b"c"]) == [[b"ab"], [b"c"], []]
    assert stream.getvalue() == b"abc"


@pytest.mark.parametrize("pieces", [[BODY], [BODY[:3], BODY[3:]], [b"%c" % one for one in BODY]])
@pytest.mark.parametrize(("start", "size"), [(0, 10), (0, 1), (2, 5), (9, 1), (3, 0)])
def test_of_a_part_the_last_byte_waits_for_the_end(pieces, start, size):
    stream = io.BytesIO()
    given = passed(Keeper(stream, part(start, size)), pieces=pieces)
    wanted = BODY[start : start + size]
    assert b"".join(piece for pieces in given[:-1] for piece in pieces) == wanted[:-1]
    assert b"".join(given[-1]) == wanted[-1:]
    assert stream.getvalue() == BODY


@pytest.mark.parametrize("buffering", [0, -1])
def test_a_full_disk_is_told_and_the_client_has_its_body_all_the_same(buffering):
    keeper = Keeper(Path("/dev/full").open("wb", buffering=buffering))  # noqa: SIM115
    assert passed(keeper, pieces=[b"ab"]) == [[b"ab"], []]
    with pytest.raises(OSError, match="No space left"):
        keeper.close()


def test_others_wait_for_a_body_that_is_on_its_way():
    async def main():
        wholes = Wholes()
        key = wholes.key("https://a.test/", {"range": "bytes=0-1", "accept": "*/*"})
        wholes.begin(key)
        waiting = asyncio.create_task(wholes.settled(key))
        await asyncio.sleep(0)
        assert not waiting.done()
        wholes.end(key, None)
        await waiting
        assert wholes.find(key) is None

    asyncio.run(main())


def test_two_that_begin_at_once_let_all_go_on():
    async def main():
        wholes = Wholes()
        key = wholes.key("https://a.test/", {})
        wholes.begin(key)
        waiting = asyncio.create_task(wholes.settled(key))
        await asyncio.sleep(0)
        wholes.begin(key)
        wholes.end(key, None)
        wholes.end(key, None)
        await asyncio.wait_for(waiting, timeout=10)

    asyncio.run(main())


def test_what_is_new_with_each_request_does_not_make_it_another_body():
    wholes = Wholes(["X-Version"])
    one, *others = (
        wholes.key("https://a.test/", {"accept": "*/*", **more})
        for more in (
            {"range": "bytes=0-1", "x-request-id": "1", "authorization": "AWS4 a"},
            {"range": "bytes=2-3", "x-request-id": "2", "authorization": "AWS4 b"},
            {"accept": "text/csv"},
            {"accept-encoding": "gzip"},
            {"x-version": "2"},
        )
    )
    assert [one == other for other in others] == [True, False, False, False]
