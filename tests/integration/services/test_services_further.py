"""Further services in a stack: started for a seed or a test, looked at, held to a contract."""

from __future__ import annotations

import pytest

from harness.contracts.check import check
from harness.contracts.reader import read_document
from harness.errors import ExpectationError, InputError, MissingSinkError, SettingsError
from harness.expect import Expect
from harness.seeds.plant import plant
from harness.seeds.reader import read_seeds
from harness.services.stack import Stack
from harness.settings import Settings

CONTRACT = """\
contract: 1
pipeline: trips
s3:
  lake/zones.csv:
    rows: 3
    columns:
      id: {type: int64, between: [1, 2]}
"""


@pytest.fixture
def stack():
    with Stack(Settings()) as stack:
        yield stack


@pytest.fixture
def seeds(tmp_path):
    zones = tmp_path / "seeds" / "s3" / "lake" / "zones.csv"
    zones.parent.mkdir(parents=True)
    zones.write_text("id,name\n1,a\n2,b\n")
    keep = tmp_path / "seeds" / "s3" / "empty" / ".keep"
    keep.parent.mkdir()
    keep.touch()
    return tmp_path / "seeds"


def test_a_seed_starts_s3_and_what_it_holds_can_be_expected_and_held(stack, seeds, tmp_path):
    assert stack.services == {}
    plant(read_seeds(seeds), stack)
    assert list(stack.services) == ["s3"]
    assert stack.s3.buckets() == ["empty", "lake"]
    # What is planted is no doing of a run.
    assert stack.told(0) == []
    expect = Expect(s3=lambda: stack.service("s3"))
    expect.s3("lake", "zones.csv").rows(2).schema({"id": "int64", "name": "string"})
    with pytest.raises(ExpectationError, match=r"S3 object lake/zones\.csv: expected 3 rows"):
        expect.s3("lake", "zo").rows(3)
    with pytest.raises(MissingSinkError, match="no object in S3 bucket empty"):
        expect.s3("empty")
    file = tmp_path / "trips.yaml"
    file.write_text(CONTRACT)
    (difference,) = check(read_document(file), {"s3": stack.s3}, wrote=None)
    assert (difference.service, difference.sink) == ("s3", "lake/zones.csv")
    stack.reset()
    assert stack.inventory() == []


def test_duckdb_files_take_no_seeds(tmp_path):
    (tmp_path / "duckdb").mkdir()
    with pytest.raises(InputError, match="no folder of seeds"):
        read_seeds(tmp_path)


def test_files_that_a_run_left_are_seen_by_a_service_that_starts_later(stack, tmp_path):
    import duckdb

    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS n")
    stack.look_at(tmp_path, ())
    Expect(duckdb=lambda: stack.service("duckdb")).duckdb("a.duckdb", "t").rows(1)


def test_a_further_service_may_have_a_fixed_port_and_another_is_not_known():
    with Stack(Settings(ports={"s3": 45671})) as stack:
        assert stack.s3.listens_at == ("127.0.0.1", 45671)
        assert ("127.0.0.1", 45671) in stack.doors()
    with pytest.raises(SettingsError, match="s4"), Stack(Settings(ports={"s4": 1})):
        pass
    with pytest.raises(SettingsError, match="duckdb"), Stack(Settings(ports={"duckdb": 1})):
        pass
