"""The page on contracts is true, and so is the schema beside it."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import jsonschema
import pyarrow as pa
import pytest
from ruamel.yaml import YAML

from harness.contracts.difference import ContractError, ContractReport
from harness.contracts.model import ColumnRule, Contract, KeyRule, PartitionsRule, SinkRule
from harness.contracts.reader import parse_document
from harness.contracts.schema import schema_text
from harness.errors import InputError

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "contracts.md").read_text("utf-8")
EXAMPLE = re.search(r"<!-- contract -->\n```yaml\n(.*?)```", PAGE, re.DOTALL)[1]
MESSAGE = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)[1]
WRITTEN = sorted((ROOT / "fixtures" / "contracts").glob("*.yaml"))
SCHEMA = json.loads(schema_text())


def accepts(text: str) -> bool:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    return validator.is_valid(YAML(typ="safe").load(text))


def test_the_schema_is_as_published():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for place in ("docs", "fixtures/contracts"):
        text = (ROOT / place / "contract.schema.json").read_text("utf-8")
        assert text == schema_text(), "mage-harness contract schema > docs/contract.schema.json"


def test_each_part_of_the_schema_is_described():
    for part in (SCHEMA, *SCHEMA["$defs"].values()):
        assert part["additionalProperties"] is False
        assert all(field["description"] for field in part["properties"].values())


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.stem)
def test_contracts_of_this_project_are_right(file):
    text = file.read_text("utf-8")
    assert parse_document(text, file=file).contract.pipeline == file.stem
    assert accepts(text)
    assert str(ROOT) not in text


def test_there_is_a_contract_of_each_pipeline():
    pipelines = ROOT / "mage_zoomcamp" / "pipelines"
    assert {file.stem for file in WRITTEN} == {
        place.parent.name for place in pipelines.glob("*/metadata.yaml")
    }


def test_the_example_of_the_page_is_what_is_written(shop):
    orders = {
        "order_id": pa.array(range(1, 7), pa.int64()),
        "state": ["open", "paid", "open", "paid", "open", None],
        "made_at": pa.array([dt.datetime.fromisoformat("2021-01-31")] * 6, pa.timestamp("us")),
    }
    shop.put("postgres", "shop.orders", orders)
    assert shop.differences(EXAMPLE) == ()
    assert accepts(EXAMPLE)
    told = json.loads(json.dumps(shop.drafted()))
    told["postgres"]["shop.orders"]["columns"]["made_at"] = {
        "type": "timestamp without time zone",
        "volatile": True,
    }
    assert json.loads(json.dumps(YAML(typ="safe").load(EXAMPLE))) == told


def test_the_message_of_the_page_is_what_is_told(shop):
    orders = {
        "order_id": pa.array(range(1, 6), pa.int64()),
        "state": ["open", "paid", "open", "lost", None],
        "made_at": pa.array([None] * 5, pa.timestamp("us")),
    }
    shop.put("postgres", "shop.orders", orders)
    found = ContractReport(
        file=Path("fixtures/contracts/shop.yaml"), differences=shop.differences(EXAMPLE)
    )
    error = str(ContractError("shop", found))
    assert error.partition("\n  remedy:")[0] == MESSAGE.rstrip("\n")


def test_each_key_is_explained():
    explained = set(re.findall(r"`(\w+)`", PAGE))
    for part in (Contract, SinkRule, KeyRule, PartitionsRule, ColumnRule):
        assert explained >= set(part.model_fields)


@pytest.mark.parametrize(
    "wrong",
    [
        "contract: 2\npipeline: x",
        "pipeline: x",
        "contract: 1",
        "contract: 1\npipeline: ''",
        "contract: 1\npipeline: 1",
        "contract: 1\npipeline: x\nother: 1",
        "contract: 1\npipeline: x\nexact: 1",
        "contract: 1\npipeline: x\npostgres: []",
        "contract: 1\npipeline: x\npostgres: {a.b: 1}",
        *(
            f"contract: 1\npipeline: x\npostgres: {{a.b: {{{rule}}}}}"
            for rule in (
                "rows: '6'",
                "rows: -1",
                "rows: 1.5",
                "rows: true",
                "rows: {}",
                "rows: {at_least: 1}",
                "rows: {between: [1]}",
                "rows: {share: 0.5}",
                "row: 1",
                "key: [a]",
                "key: {columns: []}",
                "partitions: {ids: [a]}",
                "columns: [a]",
                "columns: {a: {type: 1}}",
                "columns: {a: {nulls: {share: 2}}}",
                "columns: {a: {nulls: some}}",
                "columns: {a: {between: 1}}",
                "columns: {a: {isin: 1}}",
                "columns: {a: {isin: [[1]]}}",
                "columns: {a: {lengths: {share: 0.1}}}",
                "columns: {a: {unique: true}}",
            )
        ),
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(wrong):
    with pytest.raises(InputError):
        parse_document(wrong, file=Path("x.yaml"))
    assert not accepts(wrong)
