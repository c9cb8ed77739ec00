"""Runs that are forked of one process, which has imported what they do, in the place that they have."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace

import psutil
import pytest

from harness.running.cold import run_cold
from harness.running.warm import kept
from tests.processes import end_soon
from tests.unit.warm.stand_in import READ, begin, make_stand_in, request_in
from tests.unit.warm.warm_bench import opened, own_servers, wait_until
from tests.walls import needs_namespace

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm runs are Linux's only")
COUNTING = """
import sys
open(os.path.join(repo.path, '..', '..', 'imported'), 'a').write('.')
print('said while it is imported')
print('also of errors', file=sys.stderr)
os.environ['SET_WHILE_IMPORTED'] = 'so'
FOUND += os.environ['SET_WHILE_IMPORTED']
try:
    from mage_ai import unwelcome
except ImportError:
    pass
"""
LAST = """
import atexit, random
NUMBER = random.random()
def last():
    import os, sys
    print(sorted(name for name in sys.modules if name.startswith(('wall', 'mage_harness_warm'))))
    print(os.getcwd(), os.environ['SET_WHILE_IMPORTED'], random.random() != NUMBER)
    print(sorted(os.listdir('/proc/self/fd'), key=int)[:4], os.getpid() == os.getsid(0))
atexit.register(last)
"""
DATABASE = """
class Engine:
    open = 1
    def dispose(self):
        self.open = 0
    def connect(self):
        self.open += 1
        return self
    def close(self):
        print('connections:', self.open)
engine = Engine()
"""


@pytest.fixture(scope="module", params=[pytest.param("namespace", marks=needs_namespace), "guard"])
def bench(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("templates")
    more = {"orchestration/db/__init__.py": DATABASE}
    make_stand_in(
        folder, read=READ + COUNTING + LAST + "import mage_ai.orchestration.db\n", more=more
    )
    with own_servers(folder.name), opened(folder, network=request.param) as bench:
        bench.unwelcome = folder / "bin" / "mage_ai" / "unwelcome.py"
        yield bench
        bench.runner.forget()


@pytest.fixture
def run(bench, tmp_path):
    """Run in a place that runs have in turn, once it has begun; the place is free again then."""
    numbers = iter(range(100))

    def run(*, text: str = "mine", changed: str | None = None, name: str = "first") -> str:
        request = request_in(bench, tmp_path / name, text=text)
        begin(bench, request)
        bench.runner.ahead._settle()
        if changed is not None:
            (request.project / "metadata.yaml").write_text(changed)
        result = run_cold(replace(request, pipeline="q"), runner=bench.runner)
        assert result.exit_status == 0, result.stderr.read_text()
        told = result.stdout.read_text() + result.stderr.read_text()
        shutil.move(tmp_path / name, tmp_path / f"done-{next(numbers)}")
        return told

    yield run
    bench.runner.forget()
    bench.warm.templates.close()


def test_all_runs_in_a_place_are_forked_of_one_template(bench, run, tmp_path) -> None:
    taken, again = bench.runner.ahead.taken, bench.warm.templates.again
    first, second, third = run(), run(), run()
    assert bench.runner.ahead.taken == taken + 3
    assert bench.warm.templates.again == again + 2
    assert first == second == third
    assert "mineso None before ['q', '--test'] 0\n" in first
    assert (tmp_path / "imported").read_text() == ".", "once for all"
    made = sorted(file.parent.parent.name for file in tmp_path.glob("done-*/data/made"))
    assert made == ["done-0", "done-1", "done-2"]


def test_what_was_said_while_it_was_imported_is_said_by_each(run) -> None:
    for said in (run(), run()):
        assert said.count("said while it is imported") == said.count("also of errors") == 1


def test_each_is_a_process_of_its_own_in_its_own_place(run, tmp_path) -> None:
    for said in (run(), run()):
        assert "\n[]\n" in said, "nothing of the server's is to be found"
        assert f"\n{tmp_path / 'first' / 'project'} so True\n" in said
        assert "['0', '1', '2', '3'] True\n" in said


def test_no_connection_to_a_database_is_shared(run) -> None:
    for said in (run(), run()):
        assert said.count("connections: 1\n") == 1


def test_a_run_that_finds_another_project_is_not_forked_of_it(bench, run) -> None:
    run()
    taken = bench.runner.ahead.taken
    assert "otherso None" in run(changed="other")
    assert bench.runner.ahead.taken == taken
    assert "otherso None" in run(text="other")
    assert bench.runner.ahead.taken == taken + 1


def test_a_place_that_is_not_had_in_turn_leaves_no_template(bench, run) -> None:
    again = bench.warm.templates.again
    assert run(name="own") == run(name="own")
    assert bench.warm.templates.again == again
    assert bench.warm.templates._kept == {}


@pytest.mark.parametrize(
    "code",
    [
        "import threading, time; threading.Thread(target=time.sleep, args=(1,)).start()",
        "import os; from mage_ai.settings import repo; HELD = open(repo.path + '/metadata.yaml')",
        "raise ValueError('no')",
    ],
    ids=["a thread", "a file", "an error"],
)
def test_what_a_fork_could_not_be_like_is_no_template(bench, run, code: str) -> None:
    taken = bench.runner.ahead.taken
    bench.unwelcome.write_text(f"import sys\nif 'q' not in sys.argv:\n    {code}\n")
    try:
        assert "mineso None" in run()
    finally:
        bench.unwelcome.unlink()
        bench.warm.templates._unfit = False
    assert bench.runner.ahead.taken == taken


def test_they_end_with_the_session_and_are_counted(bench, run) -> None:
    (server,) = kept.running()
    before = server.forked
    run()
    run()
    (server,) = kept.running()
    assert server.forked == before + 2
    templates = [child.pid for child in psutil.Process(server.pid).children()]
    assert templates
    bench.runner.forget()
    bench.warm.templates.close()
    assert end_soon(templates)
    wait_until(lambda: psutil.Process(server.pid).children() == [])
