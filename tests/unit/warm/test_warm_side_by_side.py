"""Many runs at a time that are forked of one server: each has its own, and nothing of another."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.unit.warm.warm_bench import opened, own_servers
from tests.walls import needs_namespace

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="warm runs are Linux's only"),
]
CODE = """
import json, os, random, sys, threading, time
json.own = os.environ["WHO"]
os.environ["SEEN"] = os.environ.get("SEEN", "") + json.own
threads = [threading.Thread(target=time.sleep, args=(0.02,)) for _ in range(3)]
for thread in threads:
    thread.start()
with open("own", "x") as file:
    file.write(json.own)
for _ in range(20):
    print(json.own, flush=True)
    time.sleep(0.002)
print(json.own, file=sys.stderr)
print(os.getcwd(), os.environ["SEEN"], open("own").read(), os.listdir(), random.random())
sys.exit(int(json.own) % 7)
"""


@pytest.mark.parametrize("network", [pytest.param("namespace", marks=needs_namespace), "guard"])
def test_two_hundred_runs_eight_at_a_time_do_not_mix(tmp_path, network: str) -> None:
    def run(number: int):
        return number, bench.run(None, name=f"run-{number}", env={"WHO": str(number)})

    with own_servers(tmp_path.name), opened(tmp_path, network=network) as bench:
        bench.script.write_text(CODE)
        with ThreadPoolExecutor(8) as pool:
            done = list(pool.map(run, range(200)))
        assert bench.notes == [], "all were forked"
    numbers = set()
    for number, process in done:
        *lines, last = process.stdout.read_text().splitlines()
        folder, seen, own, *_, drawn = last.split()
        assert (process.exit_status, process.timed_out) == (number % 7, False)
        assert lines == [str(number)] * 20
        assert process.stderr.read_text() == f"{number}\n"
        assert (folder, seen, own) == (str(tmp_path / f"run-{number}"), str(number), str(number))
        numbers.add(drawn)
    assert len(numbers) == len(done), "each has random numbers of its own"
