"""The pages that a forked process writes to are copied beforehand in the next one."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from harness.tap import WARM

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm runs are Linux's only")
SCRIPT = """import json, mmap, os, resource, sys
sys.path.insert(0, sys.argv[1])
from mage_harness_warm.pages import Pages
PAGES = 4000
pages, held = Pages(), bytearray(b"x" * (PAGES * mmap.PAGESIZE))
pages.note()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def write(most):
    before = faults()
    for number in range(most):
        held[number * mmap.PAGESIZE] = 1
    return faults() - before
def forked(most):
    if not os.fork():
        pages.have()
        print(json.dumps(write(most)), flush=True)
        pages.learn()
        os._exit(0)
    os.wait()
forked(PAGES // 2)
forked(PAGES // 2)
forked(PAGES)
pages.learn()
print(held[0])
"""


def test_what_the_first_has_written_to_the_others_have_copied() -> None:
    said = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(WARM)], capture_output=True, text=True, check=True
    )
    first, second, more, unchanged = map(json.loads, said.stdout.split())
    assert first >= 2000
    assert second < 200
    assert 2000 <= more < 2400, "the rest of them"
    assert unchanged == ord("x")
