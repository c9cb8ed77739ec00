"""Which blocks run where a part of a pipeline is asked for, and what they find of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.bundle.part import part_of
from harness.errors import InputError, ProjectError
from harness.project.model import Block, Pipeline


def block(uuid, *upstream, kind="transformer", language="python", **more):
    return Block(
        uuid=uuid,
        name=uuid,
        type=kind,
        language=language,
        file=Path(f"{uuid}.py"),
        upstream=upstream,
        **more,
    )


def pipeline(*blocks):
    return Pipeline(
        uuid="p",
        type="python",
        name="p",
        folder=Path("pipelines/p"),
        metadata=Path("pipelines/p/metadata.yaml"),
        blocks=blocks,
    )


def of(found, *, kept=(), begin=None, until=None):
    return part_of(found, begin=begin, until=until, kept={uuid: Path(uuid) for uuid in kept})


CHAIN = pipeline(
    block("load", kind="data_loader"),
    block("clean", "load"),
    block("write", "clean", kind="data_exporter"),
    block("note", "write", kind="markdown"),
    block("aside", "load"),
)


def test_until_is_the_block_and_all_above_it():
    part = of(CHAIN, until="clean", kept=["load"])
    assert (part.blocks, part.first, part.given) == (("load", "clean"), {}, {})


def test_from_is_the_block_and_all_below_it_with_the_outputs_of_the_others():
    part = of(CHAIN, begin="clean", kept=["load", "aside"])
    assert part.blocks == ("clean", "write")
    assert part.given == {"load": Path("load")}
    assert part.first == {}


def test_between_two_blocks():
    part = of(CHAIN, begin="clean", until="clean", kept=["load"])
    assert (part.blocks, dict(part.given)) == (("clean",), {"load": Path("load")})


def test_blocks_whose_outputs_are_not_there_run_first():
    part = of(CHAIN, begin="write")
    assert part.blocks == ("load", "clean", "write")
    assert list(part.first) == ["clean", "load"]
    assert "no outputs" in part.first["load"]


def test_only_those_that_are_needed_run_first():
    part = of(CHAIN, begin="write", kept=["clean"])
    assert (part.blocks, part.first, list(part.given)) == (("write",), {}, ["clean"])


@pytest.mark.parametrize(
    "writer", [{"kind": "data_exporter"}, {"kind": "custom"}, {"language": "sql"}, {"kind": "dbt"}]
)
def test_what_may_have_written_runs_first_since_the_services_lack_it(writer):
    found = pipeline(
        block("load", kind="data_loader"), block("out", "load", **writer), block("after", "out")
    )
    part = of(found, begin="after", kept=["load", "out"])
    assert part.blocks == ("out", "after")
    assert "may write" in part.first["out"]
    assert list(part.given) == ["load"]


def test_a_second_parent_below_the_first_block_is_needed_too():
    found = pipeline(
        block("one", kind="data_loader"),
        block("two", kind="data_loader"),
        block("left", "one"),
        block("both", "left", "two"),
    )
    part = of(found, begin="left", kept=["one"])
    assert part.blocks == ("two", "left", "both")
    assert (list(part.given), list(part.first)) == (["one"], ["two"])


def test_a_block_that_is_not_there_is_named_with_its_neighbours():
    with pytest.raises(ProjectError, match="no block 'claen'"):
        of(CHAIN, begin="claen")


def test_a_block_without_code_is_no_place_to_begin():
    with pytest.raises(InputError, match="none that runs by itself"):
        of(CHAIN, until="note")


def test_nothing_is_between_blocks_in_the_wrong_order():
    with pytest.raises(InputError, match="nothing to run from block write until block clean"):
        of(CHAIN, begin="write", until="clean")


def test_dynamic_blocks_run_by_the_engine_alone():
    found = pipeline(block("many", configuration={"dynamic": True}), block("each", "many"))
    with pytest.raises(InputError, match="no part of pipeline p can be run"):
        of(found, until="many")
