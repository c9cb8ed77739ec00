from mage_ai.settings.repo import get_repo_path
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.google_cloud_storage import GoogleCloudStorage
from pandas import DataFrame
from os import path

from mage_zoomcamp.utils.shared import gcp_project, taxi_bucket, validate_bucket

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export_data_to_google_cloud_storage(df: DataFrame, **kwargs) -> None:
    """
    Write the trips as one parquet object, in place of the one that was there.
    """
    config_path = path.join(get_repo_path(), 'io_config.yaml')
    config_profile = 'default'
    config = ConfigFileLoader(config_path, config_profile)

    bucket_name = taxi_bucket()
    object_key = 'nyc_taxi_data.parquet'

    validate_bucket(config, bucket_name)
    GoogleCloudStorage.with_config(config, project=gcp_project()).export(
        df,
        bucket_name,
        object_key,
    )
