"""A dataset of parquet files with one partition for each value of a column."""

from os import path

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs


def replace_dataset(df, root_path: str, column: str, filesystem: fs.FileSystem) -> None:
    """
    Write a dataset in place of the one that was there.

    Args:
        df: The rows.
        root_path: The bucket and the folder in it.
        column: The column that says which partition a row belongs to.
        filesystem: Where the bucket is.
    """
    table = pa.Table.from_pandas(df, preserve_index=False)
    written = set()
    pq.write_to_dataset(
        table,
        root_path=root_path,
        partition_cols=[column],
        filesystem=filesystem,
        existing_data_behavior='delete_matching',
        basename_template='part-{i}.parquet',
        # BigQuery reads no nanoseconds from parquet.
        coerce_timestamps='us',
        file_visitor=lambda file: written.add(path.dirname(file.path)),
    )

    # The partitions that an earlier run wrote, and that these rows do not have.
    for found in filesystem.get_file_info(fs.FileSelector(root_path)):
        if found.type == fs.FileType.Directory and found.path not in written:
            filesystem.delete_dir(found.path)
