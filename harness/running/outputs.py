"""Block outputs, as Mage keeps them on disk between blocks."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from harness.errors import InputError
from harness.machine.space import explained

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow as pa

VARIABLES = ".variables"
"""The folder of a pipeline that Mage keeps outputs in."""


def output_names(variables: Path, block: str) -> tuple[str, ...]:
    """Names of the outputs of a block, sorted; empty where it left none.

    Args:
        variables: The pipeline's ``.variables`` folder.
        block: The block's uuid.
    """
    folder = variables / block
    if not folder.is_dir():
        return ()
    return tuple(sorted(path.name for path in folder.iterdir() if path.is_dir()))


def give_outputs(given: Mapping[str, Path], variables: Path) -> None:
    """Put outputs where the blocks below look for them, as if the block had just left them.

    Args:
        given: For each block, a folder that has its outputs as Mage writes them.
        variables: The pipeline's ``.variables`` folder; it need not be there.

    Raises:
        EnvironmentNotAbleError: There is no space for them.
    """
    for uuid, folder in given.items():
        with explained(variables, doing="laying out the outputs of blocks"):
            shutil.copytree(folder, variables / uuid, dirs_exist_ok=True)


def read_output(variables: Path, block: str, index: int = 0) -> pa.Table:
    """One output of a block as an Arrow table.

    Args:
        variables: The pipeline's ``.variables`` folder.
        block: The block's uuid.
        index: Which of the block's outputs, counted from 0.

    Raises:
        InputError: There is no such output, or it is not tabular.
    """
    folder = variables / block / f"output_{index}"
    parquet = output_files(variables, block, index)
    if parquet:
        from pyarrow import dataset as ds  # noqa: PLC0415 - most commands read no output

        return ds.dataset([str(path) for path in parquet], format="parquet").to_table()
    records = folder / "data.json"
    if records.is_file():
        return _from_json(records, block)
    found = output_names(variables, block)
    blocks = sorted(path.name for path in variables.iterdir()) if variables.is_dir() else []
    raise InputError(
        f"block {block} left no tabular output_{index}",
        cause="it returned None or something that is not a frame, or it did not run",
        evidence=[
            f"outputs of {block}: {', '.join(found) or 'none'}",
            f"blocks with outputs: {', '.join(blocks) or 'none'}",
        ],
        remedy="name a block of this pipeline that returns a frame, and an output that it has",
    )


def output_files(variables: Path, block: str, index: int = 0) -> list[Path]:
    """The data of one output: one parquet file, or the parts that Mage writes of a large one.

    Args:
        variables: The pipeline's ``.variables`` folder.
        block: The block's uuid.
        index: Which of the block's outputs, counted from 0.
    """
    folder = variables / block / f"output_{index}"
    if (folder / "data.parquet").is_file():
        return [folder / "data.parquet"]
    return sorted(
        path for path in folder.glob("**/*.parquet") if not path.name.startswith("sample_data")
    )


def output_shape(variables: Path, block: str, index: int = 0) -> tuple[int, pa.Schema] | None:
    """Rows and columns of one output, without reading its rows; None where it is no table.

    Args:
        variables: The pipeline's ``.variables`` folder.
        block: The block's uuid.
        index: Which of the block's outputs, counted from 0.
    """
    parquet = output_files(variables, block, index)
    if parquet:
        from pyarrow import dataset as ds  # noqa: PLC0415 - most commands read no output

        parts = ds.dataset([str(path) for path in parquet], format="parquet")
        return parts.count_rows(), parts.schema
    try:
        table = read_output(variables, block, index)
    except InputError:
        return None
    return table.num_rows, table.schema


def read_value(variables: Path, block: str, index: int = 0) -> Any:
    """One output of a block that is no table: what Mage wrote as JSON.

    Args:
        variables: The pipeline's ``.variables`` folder.
        block: The block's uuid.
        index: Which of the block's outputs, counted from 0.

    Raises:
        InputError: There is no such output, or it is no JSON.
    """
    folder = variables / block / f"output_{index}"
    file = folder / "data.json"
    if file.is_file():
        return json.loads(file.read_text("utf-8"))
    files = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    raise InputError(
        f"output_{index} of block {block} is no value that Mage wrote as JSON",
        cause="a frame is a table: ask for its rows; other objects are kept by joblib",
        evidence=[f"files: {', '.join(files) or 'none'}"],
    )


def _from_json(file: Path, block: str) -> pa.Table:
    content = json.loads(file.read_text("utf-8"))
    if isinstance(content, list) and content and all(isinstance(row, dict) for row in content):
        import pyarrow as pa  # noqa: PLC0415

        return pa.Table.from_pylist(content)
    raise InputError(
        f"the output of block {block} is not tabular",
        cause=f"it is a JSON {type(content).__name__}",
        evidence=[str(file)],
        remedy="read the file itself where a value is wanted",
    )
