"""MySQL in a stack: started for a seed or a test, looked at, held to a contract, exported."""

from __future__ import annotations

import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.contracts.check import check
from harness.contracts.export_bigquery import fields_of
from harness.contracts.reader import read_document
from harness.errors import ExpectationError, InputError, MissingSinkError
from harness.expect import Expect
from harness.seeds.plant import plant
from harness.seeds.reader import read_seeds
from harness.services.stack import Stack
from harness.settings import Settings

SCHEMA = """\
CREATE DATABASE shop;
CREATE TABLE shop.zones (id INT UNSIGNED PRIMARY KEY, name VARCHAR(20), open TINYINT(1), raw BLOB);
"""
CONTRACT = """\
contract: 1
pipeline: trips
mysql:
  shop.zones:
    rows: 2
    key: {columns: [id]}
    columns:
      id: {type: int unsigned, between: [1, 3], required: true}
      open: {type: boolean}
"""


@pytest.fixture(scope="module")
def stack():
    with Stack(Settings()) as stack:
        yield stack


@pytest.fixture
def seeds(tmp_path):
    folder = tmp_path / "seeds" / "mysql"
    folder.mkdir(parents=True)
    (folder / "schema.sql").write_text(SCHEMA)
    (folder / "shop.zones.csv").write_text('id,name,open\n1,"a\nb",true\n2,,false\n3,"",\n')
    table = {
        "n": pa.array([1, None], pa.uint64()),
        "raw": pa.array([b"\x00\xff", None]),
        "tags": pa.array([["a", "b"], None]),
        "yes": pa.array([True, None]),
        "price": pa.array(["1.50", None]).cast(pa.decimal128(5, 2)),
        "at": pa.array([0, None], pa.timestamp("us", tz="Europe/Berlin")),
        "name": pa.array(['NULL "x" \\', ""]),
    }
    pq.write_table(pa.table(table), folder / "dwh.facts.parquet")
    with gzip.open(folder / "dwh.days.csv.gz", "wt") as file:
        file.write("day,n,f\n2021-01-31,1,1.5\n2021-02-01,,\n")
    return tmp_path / "seeds"


def test_seeds_start_it_and_what_it_holds_can_be_expected_and_held(stack, seeds, tmp_path):
    assert stack.services == {}
    plant(read_seeds(seeds), stack)
    assert list(stack.services) == ["mysql"]
    expect = Expect(mysql=lambda: stack.service("mysql"))
    zones = expect.mysql("shop.zones").rows(3).unique("id")
    zones.schema({"id": "int unsigned", "name": "varchar(20)", "open": "bool", "raw": "blob"})
    assert stack.mysql.read("shop.zones").to_pylist() == [
        {"id": 1, "name": "a\nb", "open": 1, "raw": None},
        {"id": 2, "name": None, "open": 0, "raw": None},
        {"id": 3, "name": "", "open": None, "raw": None},
    ]
    with pytest.raises(ExpectationError, match=r"MySQL table shop\.zones: expected 2 rows"):
        zones.rows(2)
    with pytest.raises(MissingSinkError, match=r"nearest: shop\.zones"):
        expect.mysql("shop.zone")
    file = tmp_path / "trips.yaml"
    file.write_text(CONTRACT)
    (difference,) = check(read_document(file), {"mysql": stack.mysql}, wrote=None)
    assert (difference.service, difference.sink) == ("mysql", "shop.zones")
    # What is planted is no doing of a run.
    assert stack.told(0) == []
    assert stack.incidents(0) == []


def test_a_table_of_a_seed_has_the_types_of_its_file(stack, seeds):
    stack.reset()
    plant(read_seeds(seeds), stack)
    sink = stack.mysql.describe("dwh.facts")
    assert [(one.name, one.type) for one in sink.columns] == [
        ("n", "bigint(20) unsigned"),
        ("raw", "longblob"),
        ("tags", "json"),
        ("yes", "tinyint(1)"),
        ("price", "decimal(5,2)"),
        ("at", "datetime(6)"),
        ("name", "longtext"),
    ]
    first, second = stack.mysql.query(
        "SELECT n, raw, tags, yes, CAST(price AS CHAR) AS price, CAST(at AS CHAR) AS at, name "
        "FROM dwh.facts"
    ).to_pylist()
    assert first == {
        "n": 1,
        "raw": b"\x00\xff",
        "tags": '["a","b"]',
        "yes": 1,
        "price": "1.50",
        "at": "1970-01-01 00:00:00.000000",
        "name": 'NULL "x" \\',
    }
    assert second == {**dict.fromkeys(first), "name": ""}
    assert stack.mysql.query("SELECT sum(n) AS n, max(f) AS f FROM dwh.days").to_pylist() == [
        {"n": 1, "f": 1.5}
    ]


def test_a_seed_that_does_not_fit_is_refused_by_its_file(stack, tmp_path):
    stack.reset()
    folder = tmp_path / "mysql"
    folder.mkdir()
    (folder / "schema.sql").write_text(SCHEMA)
    (folder / "shop.zones.csv").write_text("id,name\n1,a\nx,b\n")
    with pytest.raises(InputError, match=r"shop\.zones\.csv cannot be loaded into mysql(.|\n)*id"):
        plant(read_seeds(tmp_path), stack)
    (folder / "shop.zones.csv").rename(folder / "zones.csv")
    with pytest.raises(InputError, match=r"name it database\.table\.csv"):
        read_seeds(tmp_path)


def test_a_contract_is_exported_as_bigquerys_schema(tmp_path):
    file = tmp_path / "trips.yaml"
    kinds = ("int(11)", "bigint(20) unsigned", "decimal(20,4)", "datetime(6)", "enum('a')", "blob")
    columns = "".join(f'      c{at}: {{type: "{kind}"}}\n' for at, kind in enumerate(kinds))
    head = "contract: 1\npipeline: trips\nmysql:\n  shop.zones:\n    columns:\n"
    file.write_text(head + columns)
    rule = read_document(file).contract.sinks()["mysql", "shop.zones"]
    fields = fields_of("mysql", "shop.zones", rule)
    assert [field["type"] for field in fields] == [
        *("INTEGER", "NUMERIC", "NUMERIC", "DATETIME", "STRING", "BYTES")
    ]
