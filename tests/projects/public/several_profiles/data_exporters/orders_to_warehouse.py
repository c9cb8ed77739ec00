import os
from mage_ai.settings.repo import get_repo_path
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.postgres import Postgres
from pandas import DataFrame

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


config_profile = os.getenv('MAGE_PROFILE', 'dev')


@data_exporter
def export_data_to_postgres(df: DataFrame, **kwargs) -> None:
    config = ConfigFileLoader(os.path.join(get_repo_path(), 'io_config.yaml'), config_profile)
    with Postgres.with_config(config) as loader:
        loader.export(df, config_profile, 'order_totals', index=False, if_exists='replace')
