"""The end of a warm run's process, beside that of the same script by itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.unit.warm.warm_bench import ENV, opened, own_servers

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


def both(bench, code: str) -> list[tuple[int, str, list[str]]]:
    """Status, output and the last line of errors, of a warm run and of a start of the script."""
    warm = bench.run(code)
    assert bench.notes == []
    alone = subprocess.run(
        [sys.executable, str(bench.script), "run", "project", "p", "--test"],
        env=ENV,
        capture_output=True,
        text=True,
        check=False,
    )
    return [
        (status, out, errors.splitlines()[-1:])
        for status, out, errors in (
            (warm.exit_status, warm.stdout.read_text(), warm.stderr.read_text()),
            (alone.returncode, alone.stdout, alone.stderr),
        )
    ]


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
