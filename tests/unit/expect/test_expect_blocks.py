"""Block outputs: tables in parts, lists of records, several outputs, values."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.errors import ExpectationError, InputError, MissingSinkError
from harness.expect import Expect
from harness.running.block_run import BlockRun
from harness.running.result import PipelineRun, ProcessResult


@pytest.fixture
def run(tmp_path):
    variables = tmp_path / ".variables"
    folder = variables / "load" / "output_0"
    folder.mkdir(parents=True)
    for at in range(2):
        (folder / f"part_{at}").mkdir()
        pq.write_table(
            pa.table({"id": [at], "name": ["x"]}), folder / f"part_{at}" / "data.parquet"
        )
    for index, text in enumerate(['[{"id": 1}, {"id": null}]', '{"rows": 7}']):
        (variables / "load" / f"output_{index + 1}").mkdir()
        (variables / "load" / f"output_{index + 1}" / "data.json").write_text(text)
    (variables / "odd" / "output_0").mkdir(parents=True)
    (variables / "odd" / "output_0" / "object.joblib").write_bytes(b"")
    process = ProcessResult(
        exit_status=0,
        timed_out=False,
        began=0,
        seconds=1,
        stdout=tmp_path,
        stderr=tmp_path,
        events=(),
    )
    return PipelineRun(
        pipeline="shop",
        blocks=tuple(BlockRun(uuid=uuid) for uuid in ("load", "odd", "none")),
        problems=(),
        process=process,
        variables_folder=variables,
    )


def test_an_output_is_a_table_like_any_other(run):
    output = Expect().block(run, "load")

    output.rows(2).schema({"id": "int64", "name": "string"}, order=True).unique("id", "name")
    output.equals([{"id": 1, "name": "x"}, {"id": 0, "name": "x"}]).column("name").isin(["x"])
    assert "output_0 of block load in shop" in repr(output)
    with pytest.raises(ExpectationError, match="output_0 of block load in shop: expected 3 rows"):
        output.rows(3)


def test_rows_are_not_read_to_be_counted(run):
    output = Expect().block(run, "load")
    output.rows(2).schema({"id": "int64", "name": "string"})
    for file in run.variables_folder.glob("load/output_0/*/*"):
        file.unlink()
    output.rows(2)


def test_one_of_several_outputs(run):
    Expect().block(run, "load", output=1).rows(2).column("id").isin([1])
    with pytest.raises(MissingSinkError, match=r"no output_3(.|\n)*output_0, output_1, output_2"):
        Expect().block(run, "load", output=3)


def test_a_value_is_no_table(run):
    value = Expect().block(run, "load", output=2)

    assert value.value() == {"rows": 7}
    with pytest.raises(ExpectationError, match=r"not tabular(.|\n)*its .value\(\)"):
        value.rows(1)
    with pytest.raises(InputError, match="a frame is a table"):
        Expect().block(run, "load").value()
    with pytest.raises(InputError, match=r"files: object\.joblib"):
        Expect().block(run, "odd").value()


def test_blocks_and_runs_that_are_not_there(run):
    with pytest.raises(InputError, match=r"no block laod(.|\n)*nearest: load"):
        Expect().block(run, "laod")
    with pytest.raises(MissingSinkError, match=r"left no output_0(.|\n)*outputs: none"):
        Expect().block(run, "none")
    with pytest.raises(InputError, match=r"give what mage\.run returned"):
        Expect().block("shop", "load")
    Expect(last_run={"shop": run}.__getitem__).block("shop", "load").rows(2)
