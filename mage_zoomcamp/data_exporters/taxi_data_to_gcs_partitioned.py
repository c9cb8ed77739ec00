from mage_ai.settings.repo import get_repo_path
from mage_ai.io.config import ConfigFileLoader
from pandas import DataFrame
from os import environ, path

from pyarrow import fs

from mage_zoomcamp.utils.partitions import replace_dataset
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

    validate_bucket(config, bucket_name)
    # pyarrow reads the key from here only.
    environ['GOOGLE_APPLICATION_CREDENTIALS'] = key_file(config)
    replace_dataset(
        df.assign(tpep_pickup_date=df['tpep_pickup_datetime'].dt.date),
        f'{bucket_name}/nyc_taxi_data',
        'tpep_pickup_date',
        fs.GcsFileSystem(),
    )
