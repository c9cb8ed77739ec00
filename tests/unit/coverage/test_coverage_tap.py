"""The tap sees the lines of block code, whatever thread or process they run in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import coverage

EVERY_KIND = Path(__file__).parents[2] / "projects/line_by_line/custom/every_kind.py"


def told_by(file: Path, arcs) -> tuple[dict, list[int]]:
    """What coverage.py makes of arcs: ways taken and not, and lines that did not run."""
    library = coverage.Coverage(data_file=None, branch=True, config_file=False)
    library.get_data().add_arcs({str(file): arcs})
    return library.branch_stats(str(file)), library.analysis2(str(file))[3]


def test_it_agrees_with_coverage_py_on_every_kind_of_code(run_blocks, tmp_path):
    ran = run_blocks(
        {"custom/every_kind.py": EVERY_KIND.read_text()}, blocks="custom/every_kind.py"
    )
    assert ran.status == 0, ran.err
    (found,) = ran.arcs.values()

    driver = tmp_path / "driver.py"
    driver.write_text(
        f"file = {str(EVERY_KIND)!r}\n"
        "exec(compile(open(file).read(), file, 'exec'), {'custom': lambda one: one})\n"
    )
    subprocess.run(
        [sys.executable, "-m", "coverage", "run", "--branch", f"--include={EVERY_KIND}", driver],
        env={
            **os.environ,
            "COVERAGE_CORE": "pytrace",
            "COVERAGE_FILE": str(tmp_path / "data"),
            "COVERAGE_RCFILE": os.devnull,
        },
        check=True,
    )
    data = coverage.CoverageData(str(tmp_path / "data"))
    data.read()
    theirs = data.arcs(str(EVERY_KIND))
    assert told_by(EVERY_KIND, found) == told_by(EVERY_KIND, theirs)
    # An exception is no way to the end of a function; coverage.py has it for one.
    assert set(theirs) - found >= {(83, -81)}


def test_two_blocks_with_the_same_text_are_told_apart(run_blocks):
    text = "import os\nif 'ONE' in os.environ:\n    a = 1\nos.environ['ONE'] = '1'\n"
    ran = run_blocks({"one.py": text, "two.py": text}, blocks="one.py,two.py")
    assert ran.lines("one.py") == {1, 2, 4}
    assert ran.lines("two.py") == {1, 2, 3, 4}
    assert ran.arcs.keys() == {("one.py", "one"), ("two.py", "two")}


def test_modules_of_the_project_are_seen_and_those_of_others_are_not(run_blocks):
    ran = run_blocks(
        {
            "utils/words.py": "def shout(word):\n    return word.upper()\n\ndef never():\n    pass\n",
            "block.py": "import json\nfrom shop.utils.words import shout\nshout(json.dumps(1))\n",
        }
    )
    assert ran.arcs.keys() == {("block.py", "block"), ("utils/words.py", "")}
    assert ran.lines("utils/words.py") == {1, 2, 4}


def test_a_folder_of_the_project_may_be_seen_elsewhere(run_blocks):
    ran = run_blocks({"block.py": "exec(compile('one = 1', '/seen/there/deep/one.py', 'exec'))\n"})
    assert ran.lines("utils/deep/one.py") == {1}


def test_threads_are_seen_and_one_that_was_there_before_once_it_is_told(run_blocks):
    ran = run_blocks(
        {
            "block.py": """
            import threading
            def in_a_thread():
                one = 1
            thread = threading.Thread(target=in_a_thread)
            thread.start()
            thread.join()
            def in_another():
                two = 2
            """
        },
        before="""
        import threading
        def late():
            start.wait()
            arcs.begin()
            made[0].given["in_another"]()
        start = threading.Event()
        thread = threading.Thread(target=late)
        thread.start()
        import atexit
        threading._register_atexit(start.set)
        """,
    )
    assert ran.status == 0, ran.err
    assert ran.lines("block.py") == {2, 3, 4, 5, 6, 7, 8, 9}


def test_forked_children_are_seen_and_what_is_killed_was_written_before(run_blocks):
    ran = run_blocks(
        {
            "block.py": """
            import os, signal
            child = os.fork()
            if child == 0:
                in_child = 1
                os._exit(0)
            os.wait()
            os.kill(os.getpid(), signal.SIGKILL)
            never = 1
            """
        }
    )
    assert ran.status == -9
    assert ran.lines("block.py") == {2, 3, 4, 5, 6, 7, 8}
    assert ran.file.stat().st_mode & 0o077 == 0


def test_what_a_block_runs_by_exec_itself_is_not_taken_for_the_block(run_blocks):
    ran = run_blocks({"block.py": "exec('\\n' * 50 + 'x = 1')\nlater = eval('1')\n"})
    assert ran.status == 0, ran.err
    assert ran.lines("block.py") == {1, 2}


def test_an_exception_has_the_traceback_that_it_has_without(run_blocks):
    text = "def fails():\n    raise ValueError('no')\n\nfails()\n"
    ran = run_blocks({"block.py": text})
    assert ran.status == 1
    assert ran.err.splitlines()[-4:] == [
        '  File "mage.py", line 8, in _execute_block',
        '  File "<string>", line 4, in <module>',
        '  File "<string>", line 2, in fails',
        "ValueError: no",
    ]
    assert ran.lines("block.py") == {1, 2, 4}


def test_code_runs_even_where_nothing_can_be_written(run_blocks):
    ran = run_blocks(
        {"block.py": "print('ran')\n"},
        before="""
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        """,
    )
    assert (ran.status, ran.out, ran.arcs) == (0, "ran\n", {})
