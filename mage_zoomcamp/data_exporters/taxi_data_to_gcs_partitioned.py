from mage_ai.settings.repo import get_repo_path
from mage_ai.io.config import ConfigFileLoader
from pandas import DataFrame
from os import environ, path

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from mage_zoomcamp.utils.shared import key_file, taxi_bucket, validate_bucket

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export_partitioned_data(df: DataFrame, **kwargs) -> None:
    """
    Write the trips as a dataset with one partition for each pick-up date, in place of the
    dataset that was there.
    """
    config_path = path.join(get_repo_path(), 'io_config.yaml')
    config_profile = 'default'
    config = ConfigFileLoader(config_path, config_profile)

    bucket_name = taxi_bucket()
    root_path = f'{bucket_name}/nyc_taxi_data'

    validate_bucket(config, bucket_name)
    # pyarrow reads the key from here only.
    environ['GOOGLE_APPLICATION_CREDENTIALS'] = key_file(config)
    gcs = fs.GcsFileSystem()

    table = pa.Table.from_pandas(
        df.assign(tpep_pickup_date=df['tpep_pickup_datetime'].dt.date),
        preserve_index=False,
    )
    written = set()
    pq.write_to_dataset(
        table,
        root_path=root_path,
        partition_cols=['tpep_pickup_date'],
        filesystem=gcs,
        existing_data_behavior='delete_matching',
        basename_template='part-{i}.parquet',
        # BigQuery reads no nanoseconds from parquet.
        coerce_timestamps='us',
        file_visitor=lambda file: written.add(path.dirname(file.path)),
    )

    # The dates that an earlier run wrote, and that these trips do not have.
    for found in gcs.get_file_info(fs.FileSelector(root_path)):
        if found.type == fs.FileType.Directory and found.path not in written:
            gcs.delete_dir(found.path)
