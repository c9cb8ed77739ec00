"""The end of a warm run's process, beside that of the same script by itself."""

from __future__ import annotations

import sys

import pytest

from tests.unit.warm.warm_bench import both, opened, own_servers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm runs are Linux's only")
ENDINGS = {
    "none": "",
    "nothing": "sys.exit()",
    "number": "sys.exit(3)",
    "truth": "sys.exit(True)",
    "large": "sys.exit(300)",
    "negative": "sys.exit(-1)",
    "text": "sys.exit('no')",
    "exception": "raise ValueError('no')",
    "interrupt": "raise KeyboardInterrupt",
    "at once": "os._exit(9)",
    "broken output": "sys.stdout = Broken()",
    "broken output, status": "sys.stdout = Broken(); sys.exit(3)",
    "handler": "atexit.register(os._exit, 5)",
    "child": "os.fork() or sys.exit(6)\nif os.wait()[0] > 0: sys.exit(4)",
}
BEFORE = """import atexit, ctypes, os, sys, threading, time
class Broken:
    closed = False
    def flush(self): raise OSError(28, 'full')
    def write(self, text): return len(text)
"""


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    folder = tmp_path_factory.mktemp("leaving")
    with own_servers(folder.name), opened(folder, network="guard") as bench:
        yield bench


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=list(ENDINGS))
def test_it_ends_as_the_script_does_by_itself(bench, ending: str) -> None:
    warm, alone = both(bench, f"{BEFORE}print('first', flush=True)\n{ending}\n")
    assert warm == alone


def test_what_is_done_last_is_done(bench) -> None:
    code = BEFORE + (
        "import sqlite3\n"
        "atexit.register(print, 'a handler', flush=True)\n"
        "threading.Thread(target=lambda: (time.sleep(0.1), print('a thread', flush=True))).start()\n"
        "class Last:\n"
        "    def __init__(self, write=os.write): self.write = write\n"
        "    def __del__(self): self.write(1, b'a finalizer\\n')\n"
        "{finalizer}\n"
        "ctypes.CDLL(None).printf(b'a buffer of C\\n')\n"
    )
    for finalizer in ("", "last = Last()"):
        warm, alone = both(bench, code.replace("{finalizer}", finalizer))
        assert warm == alone
        assert sorted(warm[1].splitlines()) == sorted(
            ["a buffer of C", "a handler", "a thread", *(["a finalizer"] if finalizer else [])]
        )


def test_a_generator_that_cleans_up_does_so(bench) -> None:
    code = (
        "def kept(write=__import__('os').write):\n"
        "    try:\n"
        "        yield 1\n"
        "    finally:\n"
        "        write(1, b'cleaned up\\n')\n"
        "one = kept()\n"
        "print(next(one), flush=True)\n"
    )
    warm, alone = both(bench, code)
    assert warm == alone
    assert warm[1].splitlines() == ["1", "cleaned up"]


@pytest.mark.parametrize("lines", ["yield 1", "try:\n        yield 1\n    finally:\n        pass"])
def test_it_leaves_early_unless_something_is_seen_to_end(bench, lines: str) -> None:
    whole = (
        "def told(event, arguments, write=__import__('os').write):\n"
        "    if event == 'cpython.PyInterpreterState_Clear':\n"
        "        write(1, b'the whole end\\n')\n"
        "__import__('sys').addaudithook(told)\n"
        f"def kept():\n    {lines}\n"
        "one = kept()\n"
        "next(one)\n"
        "__import__('sys').exit(0)\n"
    )
    warm, alone = both(bench, whole)
    assert alone[1] == "the whole end\n"
    assert warm[1] == ("" if lines == "yield 1" else "the whole end\n")
