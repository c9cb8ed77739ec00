from __future__ import annotations

import pytest

from harness.errors import ProjectError
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


def test_a_sound_pipeline_has_no_problems(maker):
    maker_blocks = [
        maker.block("load", down=("change",), code=GUARD + LOAD + TEST),
        maker.block("change", up=("load",), down=("count",)),
        maker.block(
            "count",
            up=("change",),
            type="data_exporter",
            language="sql",
            code="select 1",
            configuration={"data_provider": "postgres"},
        ),
        maker.block("note", type="markdown", language="markdown", code="# a note"),
    ]
    assert found(maker, *maker_blocks) == []


def test_an_edge_in_upstream_blocks_only_says_that_the_block_never_runs(maker):
    problem = only(found(maker, maker.block("a"), maker.block("b", up=("a",))), "edge-one-sided")
    assert problem.block == "b"
    assert "never runs b" in problem.message
    assert "Add b to the downstream_blocks of a" in problem.message
    assert problem.file == "pipelines/p/metadata.yaml"


def test_a_one_sided_edge_to_a_block_that_runs_all_the_same_says_so(maker):
    problem = only(
        found(
            maker,
            maker.block("a", down=("c",)),
            maker.block("b"),
            maker.block("c", up=("a", "b"), code="@transformer\ndef f(a, b, **kw): return a\n"),
        ),
        "edge-one-sided",
    )
    assert "gets to c by another edge only" in problem.message


def test_an_edge_in_downstream_blocks_only(maker):
    problem = only(found(maker, maker.block("a", down=("b",)), maker.block("b")), "edge-one-sided")
    assert problem.block == "a"
    assert "does not get its output" in problem.message


def test_a_misspelt_upstream_is_one_problem_with_the_nearest_name(maker):
    problem = only(
        found(
            maker,
            maker.block("loader", down=("b",)),
            maker.block("b", up=("laoder",)),
        ),
        "upstream-unknown",
    )
    assert (problem.block, "Write loader." in problem.message) == ("b", True)


def test_a_misspelt_downstream_is_one_problem(maker):
    problem = only(
        found(maker, maker.block("a", down=("secnod",)), maker.block("second", up=("a",))),
        "downstream-unknown",
    )
    assert "Write second." in problem.message


def test_a_ring_is_a_cycle(maker):
    blocks = (
        maker.block("a", down=("b",)),
        maker.block("b", up=("a", "c"), down=("c",), code="@transformer\ndef f(*a): return 1\n"),
        maker.block("c", up=("b",), down=("b",)),
    )
    problems = found(maker, *blocks)
    assert codes(problems) == ["cycle"]
    assert "b -> c -> b" in problems[0].message


def test_a_block_before_itself_is_a_cycle(maker):
    only(found(maker, maker.block("a", up=("a",), down=("a",))), "cycle")


def test_a_pipeline_whose_blocks_all_wait_for_what_never_runs_has_no_root(maker):
    blocks = [maker.block("a", up=("ring",), down=())]
    problems = found(maker, *blocks, callbacks=[maker.block("ring", type="callback")])
    assert codes(problems) == ["no-root"]


def test_a_uuid_that_is_declared_twice(maker):
    assert (
        "declared 2 times"
        in only(found(maker, maker.block("a"), maker.block("a")), "duplicate-block").message
    )


@pytest.mark.parametrize(
    ("other_root", "said"), [(False, "b never runs"), (True, "stops after 1000 tries")]
)
def test_a_markdown_block_with_blocks_behind_it(maker, other_root, said):
    note = maker.block("note", down=("b",), type="markdown", language="markdown", code="#")
    up = ("a", "note") if other_root else ("note",)
    after = maker.block("b", up=up, code="@transformer\ndef f(*args): return 1\n")
    roots = [maker.block("a", down=("b",))] if other_root else [maker.block("a")]
    problem = only(found(maker, note, *roots, after), "root-not-executable")
    assert said in problem.message


def test_a_pipeline_of_notes_alone_runs_nothing(maker):
    note = maker.block("note", type="markdown", language="markdown", code="#")
    assert codes(found(maker, note)) == ["no-blocks"]
    assert codes(found(maker)) == ["no-blocks"]


@pytest.mark.parametrize(
    ("kind", "code", "said"),
    [
        ("pyhton", "pipeline-type-unknown", "`type: python`"),
        ("streaming", "pipeline-type-unsupported", "broker"),
        ("integration", "pipeline-type-unsupported", "trigger engine"),
        ("pyspark", "pipeline-type-unsupported", "EMR"),
    ],
)
def test_pipeline_types(maker, kind, code, said):
    assert said in only(found(maker, maker.block("a"), type=kind), code).message


def test_an_executor_elsewhere(maker):
    only(found(maker, maker.block("a"), executor_type="k8s"), "executor-unsupported")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("data_laoder", "block-type-unknown"),
        ("hook", "block-type-unknown"),
        ("callback", "block-does-nothing"),
        ("group", "block-does-nothing"),
    ],
)
def test_block_types(maker, kind, code):
    only(found(maker, maker.block("a", type=kind)), code)


def test_a_language_that_mage_has_not(maker):
    problem = only(found(maker, maker.block("a", language="pyton", code=None)), "language-unknown")
    assert "`language: python`" in problem.message


def test_callbacks_and_conditionals_are_passed_over(maker):
    problems = found(
        maker,
        maker.block("a"),
        maker.block("b", callback_blocks=["ring"]),
        callbacks=[maker.block("ring", type="callback", up=("b",))],
        conditionals=[maker.block("maybe", type="conditional", up=("a",))],
    )
    assert sorted((problem.code, problem.block) for problem in problems) == [
        ("callback-skipped", "b"),
        ("condition-skipped", "a"),
    ]


@pytest.mark.parametrize(
    ("configuration", "said"),
    [({"data_provider": "postgress"}, "Write postgres."), ({}, "has no data_provider")],
)
def test_a_sql_block_without_a_known_provider(maker, configuration, said):
    block = maker.block("a", language="sql", code="select 1", configuration=configuration)
    assert said in only(found(maker, block), "provider-unknown").message


@pytest.mark.parametrize(
    ("dynamic", "reported"), [(True, True), ({"parent": True}, True), (False, False)]
)
def test_dynamic_blocks(maker, dynamic, reported):
    block = maker.block("a", down=("b",), configuration={"dynamic": dynamic})
    problems = found(maker, block, maker.block("b", up=("a",)))
    assert codes(problems) == (["dynamic-block-unsupported"] if reported else [])
    # Nothing is made of a dynamic block that has no block behind it.
    assert found(maker, maker.block("a", configuration={"dynamic": dynamic})) == []


@pytest.mark.parametrize(
    ("expression", "reported"),
    [
        ("kwargs['configuration']", True),
        ("kwargs.get('block_uuid')", True),
        ("kwargs['year']", False),
        ("config['configuration']", False),
    ],
)
def test_kwargs_that_blocks_running_side_by_side_share(maker, expression, reported):
    code = f"@transformer\ndef f(data, *args, **kwargs):\n    return {expression}\n"
    root = maker.block("a", down=("b", "c"))
    one, other = maker.block("b", up=("a",), code=code), maker.block("c", up=("a",))
    problems = found(maker, root, one, other)
    assert codes(problems) == (["kwargs-shared"] if reported else [])
    if reported:
        assert (problems[0].file, problems[0].line) == ("transformers/b.py", 3)
    assert found(maker, maker.block("a", down=("b",)), one) == []


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


def test_named_pipelines_only(maker):
    maker.pipeline("good", maker.block("a"))
    maker.pipeline("bad")
    maker.file("pipelines/broken/metadata.yaml", "blocks: [\n")
    project = read_project(maker.path)
    assert lint(project, ["good"]) == []
    assert [(p.pipeline, p.code) for p in lint(project)] == [
        ("bad", "no-blocks"),
        ("broken", "metadata-unreadable"),
    ]
    with pytest.raises(ProjectError):
        lint(project, ["broken"])
    with pytest.raises(ProjectError):
        lint(project, ["goood"])
