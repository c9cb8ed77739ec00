"""What the lint sees in the pipelines: edges, types, settings of blocks."""

from __future__ import annotations

import pytest

from harness.errors import ProjectError
from harness.project.lint import lint
from harness.project.reader import read_project
from tests.unit.project.linted import GUARD, LOAD, TEST, codes, found, only


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
    ring = maker.block("ring", type="callback", code="@callback('failure')\ndef f(**k): pass\n")
    problems = found(maker, *blocks, callbacks=[ring])
    assert codes(problems) == ["no-root"]


@pytest.mark.parametrize(
    ("kind", "role", "code"),
    [
        ("conditional", "conditionals", "def f(*a, **k): return False\n"),
        (
            "conditional",
            "conditionals",
            "from mage_ai.data_preparation.decorators import condition\n@condition\ndef f(): ...\n",
        ),
        ("callback", "callbacks", "print('done')\n"),
    ],
)
def test_a_condition_or_callback_without_its_decorator_is_passed_over(maker, kind, role, code):
    addon = maker.block("beside", type=kind, code=code, up=("a",))
    problems = found(maker, maker.block("a"), **{role: [addon]})
    assert "decorator-missing" in codes(problems)


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


def test_an_executor_elsewhere_is_no_problem_since_the_run_is_here(maker):
    assert codes(found(maker, maker.block("a"), executor_type="k8s")) == []


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
        callbacks=[
            maker.block("ring", type="callback", up=("b",), code="@callback\ndef f(): ...\n")
        ],
        conditionals=[
            maker.block("maybe", type="conditional", up=("a",), code="@condition\ndef f(): ...\n")
        ],
    )
    assert sorted((problem.code, problem.block) for problem in problems) == [
        ("callback-skipped", "b"),
        ("condition-skipped", "a"),
    ]


def test_a_sensor_in_sql_waits_for_nothing(maker):
    block = maker.block(
        "a",
        type="sensor",
        language="sql",
        code="SELECT 1",
        configuration={"data_provider": "postgres"},
    )
    only(found(maker, block), "block-does-nothing")


def test_a_sql_block_without_a_statement(maker):
    block = maker.block(
        "a", language="sql", code="-- later\n;\n", configuration={"data_provider": "postgres"}
    )
    only(found(maker, block), "sql-empty")


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
