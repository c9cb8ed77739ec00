"""What the lint sees in the files of blocks."""

from __future__ import annotations

import pytest

from harness.project.lint import lint
from harness.project.reader import read_project
from tests.unit.project.linted import GUARD, INERT, LOAD, TEST, codes, found, only


def test_a_missing_file_names_the_place_that_mage_looks_at(maker):
    problem = only(found(maker, maker.block("sub/a", code=None)), "file-missing")
    assert "no file data_loaders/sub/a.py" in problem.message
    sql = maker.block("b", language="sql", code=None, configuration={"data_provider": "postgres"})
    assert "says that it completed" in only(found(maker, sql), "file-missing").message


def test_a_file_that_is_no_text(maker):
    maker.pipeline("p", maker.block("a"))
    maker.file("data_loaders/a.py", b"x = '\xe9'")
    assert codes(lint(read_project(maker.path))) == ["file-unreadable"]
    maker.file("data_loaders/a.py", b"x = 1\0")
    assert codes(lint(read_project(maker.path))) == ["syntax-error"]


def test_a_syntax_error_has_its_line(maker):
    problem = only(found(maker, maker.block("a", code="x = 1\ndef f(:\n")), "syntax-error")
    assert (problem.file, problem.line) == ("data_loaders/a.py", 2)


@pytest.mark.parametrize(
    "code",
    [
        GUARD + LOAD + TEST,
        "if 'data_loader' not in globals():\n"
        "    from mage_ai.data_preparation.decorators import data_loader, test\n" + LOAD + TEST,
        "try:\n    test\nexcept NameError:\n    " + INERT + LOAD + TEST,
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    " + INERT + LOAD + TEST,
        "if not globals().get('test'):\n    " + INERT + LOAD + TEST,
        "if 'test' in globals():\n    pass\nelse:\n    " + INERT + LOAD + TEST,
        LOAD + TEST,
        LOAD + "def helper():\n    from x import test\n" + TEST,
    ],
)
def test_a_guarded_or_missing_import_of_test_is_sound(maker, code):
    assert found(maker, maker.block("a", code=code)) == []


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (INERT + LOAD + TEST, 5),
        (
            INERT.replace("test\n", "test as check_it\n")
            + LOAD
            + TEST.replace("@test", "@check_it"),
            5,
        ),
        (
            "import mage_ai.data_preparation.decorators as d\n"
            + LOAD
            + TEST.replace("@test", "@d.test"),
            5,
        ),
        (
            "from mage_ai.data_preparation import decorators\n"
            + LOAD
            + TEST.replace("@test", "@decorators.test"),
            5,
        ),
        (
            "import mage_ai.data_preparation.decorators\n"
            + LOAD
            + TEST.replace("@test", "@mage_ai.data_preparation.decorators.test"),
            5,
        ),
        ("from unittest import mock as test\n" + LOAD + TEST, 5),
        (LOAD + TEST.replace("check", "test") + TEST, 7),
        # In a transformer's file the guard of a loader lets the import through.
        (
            "if 'transformer' not in globals():\n    " + INERT + LOAD + TEST,
            6,
        ),
    ],
)
def test_a_test_that_mage_never_collects(maker, code, line):
    problem = only(found(maker, maker.block("a", code=code)), "test-not-collected")
    assert (problem.file, problem.line) == ("data_loaders/a.py", line)


@pytest.mark.parametrize(
    "code",
    [
        "def load():\n    return 1\n",
        "",
        "from mage_ai.data_preparation.decorators import data_loader\n" + LOAD,
        "from mage_ai.data_preparation.decorators import *\n" + LOAD,
        "@transformer\ndef f(*args): return 1\n",
    ],
)
def test_a_block_without_mages_own_decorator(maker, code):
    only(found(maker, maker.block("a", code=code)), "decorator-missing")


def test_a_second_decorated_function_never_runs(maker):
    problem = only(
        found(maker, maker.block("a", code=LOAD + "@data_loader\ndef g(*a):\n    return 2\n")),
        "decorator-repeated",
    )
    assert (problem.line, "load" in problem.message) == (4, True)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("    yield 1\n", "output-generator"),
        ("    def inner():\n        yield 1\n    return list(inner())\n", None),
        ("    return [(x for x in y)]\n", None),
        ("    import sys\n    sys.exit(0)\n", "block-ends-process"),
        ("    import os\n    os._exit(0)\n", "block-ends-process"),
        ("    exit()\n", "block-ends-process"),
        ("    raise SystemExit\n", "block-ends-process"),
        ("    raise StopIteration('x')\n", "block-hangs"),
        ("    parser.exit()\n    raise ValueError\n", None),
    ],
)
def test_bodies(maker, body, code):
    problems = found(maker, maker.block("a", code="@data_loader\ndef f(*args, **kw):\n" + body))
    assert codes(problems) == ([code] if code else [])


def test_an_async_function_is_never_awaited(maker):
    code = "@data_loader\nasync def f(*args, **kw):\n    return 1\n"
    only(found(maker, maker.block("a", code=code)), "output-coroutine")


@pytest.mark.parametrize(
    ("signature", "sound"),
    [
        ("data", True),
        ("data, *args, **kwargs", True),
        ("*args", True),
        ("data, other", False),
        ("data, other=1", False),
        ("data, *, other=1", False),
        ("", False),
        ("**kwargs", False),
    ],
)
def test_signatures_for_one_upstream(maker, signature, sound):
    after = maker.block("b", up=("a",), code=f"@transformer\ndef f({signature}):\n    return 1\n")
    problems = found(maker, maker.block("a", down=("b",)), after)
    assert codes(problems) == ([] if sound else ["signature-mismatch"])
