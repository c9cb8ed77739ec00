from mage_ai.settings.repo import get_repo_path
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.google_cloud_storage import GoogleCloudStorage
from pandas import DataFrame
from os import path

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export_data_to_google_cloud_storage(df: DataFrame, **kwargs) -> None:
    service, year, month = kwargs['service'], int(kwargs['year']), int(kwargs.get('month', 1))
    config_path = path.join(get_repo_path(), 'io_config.yaml')
    GoogleCloudStorage.with_config(ConfigFileLoader(config_path, 'default')).export(
        df,
        'nyc-tlc-months',
        f'{service}/{service}_{year}-{month:02d}.parquet',
    )
