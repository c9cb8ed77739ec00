"""Names of tables and objects, as contracts write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.inspect.model import Inspection, Use
from harness.inspect.stored import BY_MAGE, Sink, certain, sink_of, written_before
from harness.project.model import Block, Pipeline


@pytest.mark.parametrize(
    ("service", "name", "found"),
    [
        ("postgres", "trips", "public.trips"),
        ("postgres", "ny.trips", "ny.trips"),
        ("postgres", "information_schema.tables", None),
        ("postgres", "pg_catalog.pg_class", None),
        ("bigquery", "theirs.shop.orders", "shop.orders"),
        ("bigquery", "shop.INFORMATION_SCHEMA.COLUMNS", None),
        ("bigquery", "theirs.shop.__TABLES__", None),
        ("bigquery", "orders", None),
    ],
)
def test_a_table_by_its_name(service, name, found):
    named = sink_of(Use(kind="table", name=name, service=service))
    assert named == (Sink(service, found) if found else None)


def test_a_table_that_mage_names_is_not_certain():
    detail = f"profile default, {BY_MAGE}"
    made = Use(kind="table", name="dev_p_b_v1", service="postgres", access="writes", detail=detail)
    own = Use(kind="table", name="shop.orders", service="postgres", access="writes")
    assert list(certain([made, own])) == [Sink("postgres", "shop.orders")]


def test_what_a_block_below_writes_is_not_there_when_one_above_reads():
    lines = {"load": ("clean",), "clean": ("save",), "save": (), "beside": ()}
    blocks = [
        Block(
            uuid=uuid,
            name=uuid,
            type="custom",
            language="python",
            file=None,
            downstream=downstream,
        )
        for uuid, downstream in lines.items()
    ]
    pipeline = Pipeline(
        uuid="p",
        type="python",
        name="p",
        folder=Path("pipelines/p"),
        metadata=Path("pipelines/p/metadata.yaml"),
        blocks=tuple(blocks),
    )
    uses = [
        Use(kind="table", name=f"a.{uuid}", service="postgres", access="writes", block=uuid)
        for uuid in lines
    ]
    inspection = Inspection(pipeline="p", type="python", uses=tuple(uses))

    def before(uuid):
        read = Use(kind="table", name="a.x", service="postgres", block=uuid)
        return [one.name for one in written_before(pipeline, read, inspection)]

    assert before("load") == ["a.load", "a.beside"]
    assert before("save") == ["a.load", "a.clean", "a.save", "a.beside"]
