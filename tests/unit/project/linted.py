"""What the tests of the lint share: a pipeline of given blocks, and what is found in it."""

from __future__ import annotations

from harness.project.lint import lint
from harness.project.reader import read_project

GUARD = "if 'test' not in globals():\n    from mage_ai.data_preparation.decorators import test\n"

INERT = "from mage_ai.data_preparation.decorators import test\n"

LOAD = "@data_loader\ndef load(*args, **kwargs):\n    return 1\n"

TEST = "@test\ndef check(output, *args):\n    assert output\n"


def found(maker, *blocks, **more):
    maker.pipeline("p", *blocks, **more)
    return lint(read_project(maker.path))


def codes(problems):
    return [problem.code for problem in problems]


def only(problems, code):
    (problem,) = problems
    assert problem.code == code
    assert problem.pipeline == "p"
    assert problem.file
    assert problem.line
    return problem
