"""Tables and files by place: pandas, polars, pyarrow, DuckDB's functions, Spark, open()."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.inspect.clients.call import Call, Sighting, rule
from harness.inspect.clients.places import located
from harness.inspect.values import Text, Thing

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

_FORMATS = (
    r"(?:csv|parquet|json|excel|table|feather|orc|xml|html|pickle|fwf|stata|ndjson|avro|ipc|hdf"
    r"|delta|database_uri)"
)


@rule(
    rf"(?P<library>pandas|polars|geopandas|dask\.dataframe|modin\.pandas)\.(?P<verb>(?:read"
    rf"|scan)_{_FORMATS}|read_file|read_json|json_normalize)"
)
def _frame_read(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    if found["verb"] == "json_normalize":
        return
    names = ("filepath_or_buffer", "path_or_buf", "path", "io", "source", "filename")
    client = f"{found['library']}.{found['verb']}"
    filesystem = call.value(None, "filesystem")
    yield from located(call, call.value(0, *names), "reads", client, filesystem=filesystem)


@rule(rf".*\.(?P<verb>to_{_FORMATS}|write_{_FORMATS}|sink_{_FORMATS})")
def _frame_written(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    names = ("path_or_buf", "path", "excel_writer", "file", "buf")
    library = "polars" if found["verb"].startswith(("write_", "sink_")) else "pandas"
    filesystem = call.value(None, "filesystem")
    client = f"{library}.{found['verb']}"
    yield from located(call, call.value(0, *names), "writes", client, filesystem=filesystem)


@rule(
    r"pyarrow\.(?P<verb>parquet\.(?:write_to_dataset|write_table)|dataset\.write_dataset"
    r"|csv\.write_csv|feather\.write_feather)"
)
def _arrow_written(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    place = call.value(1, "root_path", "where", "base_dir", "output_file", "dest")
    yield from located(
        call, place, "writes", f"pyarrow.{found['verb']}", filesystem=call.value(None, "filesystem")
    )


@rule(
    r"pyarrow\.(?P<verb>parquet\.(?:read_table|ParquetDataset|ParquetFile|read_schema"
    r"|read_pandas)|dataset\.dataset|csv\.read_csv|json\.read_json|feather\.read_table)"
)
def _arrow_read(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    place = call.value(0, "source", "path_or_paths", "where", "input_file")
    yield from located(
        call, place, "reads", f"pyarrow.{found['verb']}", filesystem=call.value(None, "filesystem")
    )


@rule(
    r"(?P<library>(?:pyarrow\.fs|gcsfs|s3fs|fsspec)\..*FileSystem\(\)"
    r"|gcsfs\.core\..*\(\))\.(?P<verb>open|ls|glob|find|exists|open_input_stream"
    r"|open_input_file|get_file_info|open_output_stream|put|get|rm|delete_dir|delete_file|cat"
    r"|pipe|upload|download)"
)
def _filesystem(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    verb = found["verb"]
    place = call.value(1 if verb in ("put", "upload") else 0, "path", "rpath")
    writes = verb in (
        "open_output_stream",
        "put",
        "rm",
        "delete_dir",
        "delete_file",
        "pipe",
        "upload",
    )
    writes = writes or (verb == "open" and _writes(call))
    library = found["library"].removesuffix("()")
    if isinstance(place, Thing) and place.calls:  # a FileSelector
        place = place.calls[-1][0].value if place.calls[-1] else None
    yield from located(
        call, place, "writes" if writes else "reads", library, filesystem=Thing(path=library)
    )


@rule(
    r"(?:open|io\.open|gzip\.open|bz2\.open|lzma\.open|zipfile\.ZipFile|fsspec\.open"
    r"|codecs\.open|smart_open\.open)"
)
def _open(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    access = "writes" if _writes(call) else "reads"
    yield from located(call, call.value(0, "file", "filename", "urlpath"), access, found[0])  # type: ignore[arg-type]


@rule(r"str\.(?P<verb>read_text|read_bytes|open|write_text|write_bytes|iterdir|glob|rglob)")
def _path(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    verb = found["verb"]
    writes = verb.startswith("write") or (verb == "open" and _writes(call, place=0))
    yield from located(call, call.value(0, at=0), "writes" if writes else "reads", "pathlib")


@rule(
    r"(?P<function>os\.(?:listdir|scandir|walk)|glob\.i?glob|numpy\.(?:load|loadtxt"
    r"|genfromtxt)|joblib\.load|pickle\.load|mage_ai\.io\.file\.FileIO\(\)\.load)"
)
def _read(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    client = found["function"].replace(".FileIO().load", "")
    yield from located(call, call.value(0, "filepath", "path", "pathname", "file"), "reads", client)


@rule(
    r"(?P<function>numpy\.save(?:txt|z)?|mage_ai\.io\.file\.FileIO\(\)\.export|joblib\.dump"
    r"|shutil\.(?:copy2?|copyfile|move))"
)
def _written(call: Call, found: re.Match[str]) -> Iterator[Sighting]:
    place = 0 if found["function"].startswith("numpy") else 1
    client = found["function"].replace(".FileIO().export", "")
    yield from located(call, call.value(place, "filepath", "filename", "dst"), "writes", client)


@rule(r"pyspark\..*\.read(?:\.\w+\(\))*\.(?:csv|parquet|json|orc|text|load)")
def _spark_read(call: Call, _: re.Match[str]) -> Iterator[Sighting]:
    yield from located(call, call.value(0, "path"), "reads", "pyspark")


@rule(r".*\.write(?:\.\w+\(\))*\.(?:csv|parquet|json|orc|text|save)")
def _spark_written(call: Call, _: re.Match[str]) -> Iterator[Sighting]:
    yield from located(call, call.value(0, "path"), "writes", "pyspark")


FILES = (
    *(_frame_read, _frame_written, _arrow_written, _arrow_read, _filesystem, _open),
    *(_path, _read, _written, _spark_read, _spark_written),
)


def _writes(call: Call, *, place: int = 1) -> bool:
    mode = call.value(place, "mode")
    return isinstance(mode, Text) and any(letter in mode.shown for letter in "wax+")
