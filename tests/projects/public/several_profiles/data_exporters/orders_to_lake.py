import os
from mage_ai.settings.repo import get_repo_path
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.google_cloud_storage import GoogleCloudStorage
from pandas import DataFrame

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


config_profile = os.getenv('MAGE_PROFILE', 'dev')


@data_exporter
def export_data_to_google_cloud_storage(df: DataFrame, **kwargs) -> None:
    config = ConfigFileLoader(os.path.join(get_repo_path(), 'io_config.yaml'), config_profile)
    GoogleCloudStorage.with_config(config).export(df, f'analytics-{config_profile}', 'orders/totals.csv', format='csv')
