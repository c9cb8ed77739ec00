from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.errors import InputError
from harness.running.outputs import output_names, read_output


@pytest.fixture
def variables(tmp_path: Path) -> Path:
    folder = tmp_path / ".variables"
    table = pa.table({"a": [1, 2]})
    (folder / "load" / "output_0").mkdir(parents=True)
    pq.write_table(table, folder / "load" / "output_0" / "data.parquet")
    pq.write_table(table.slice(0, 1), folder / "load" / "output_0" / "sample_data.parquet")
    (folder / "load" / "output_1").mkdir()
    (folder / "load" / "output_1" / "data.json").write_text('[{"b": 1}, {"b": null}]')
    (folder / "count" / "output_0").mkdir(parents=True)
    (folder / "count" / "output_0" / "data.json").write_text("7")
    return folder


def test_the_data_is_read_and_not_mages_sample_of_it(variables: Path) -> None:
    assert read_output(variables, "load").to_pydict() == {"a": [1, 2]}


def test_a_list_of_records_is_a_table(variables: Path) -> None:
    assert read_output(variables, "load", 1).to_pydict() == {"b": [1, None]}
    assert output_names(variables, "load") == ("output_0", "output_1")


def test_an_output_that_is_not_tabular_says_so(variables: Path) -> None:
    with pytest.raises(InputError, match="not tabular"):
        read_output(variables, "count")


def test_an_output_that_is_not_there_names_those_that_are(variables: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_output(variables, "lode")
    assert "count, load" in str(caught.value)
