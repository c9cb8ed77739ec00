from mage_ai.settings.repo import get_repo_path
from mage_ai.io.config import ConfigFileLoader
from pandas import DataFrame
from os import path

from mage_zoomcamp.utils.partitions import replace_dataset
from mage_zoomcamp.utils.shared import taxi_bucket, taxi_filesystem

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

    replace_dataset(
        df.assign(tpep_pickup_date=df['tpep_pickup_datetime'].dt.date),
        f'{taxi_bucket()}/nyc_taxi_data',
        'tpep_pickup_date',
        taxi_filesystem(config),
    )
