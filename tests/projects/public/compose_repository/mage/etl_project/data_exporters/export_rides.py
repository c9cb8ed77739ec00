from mage_ai.settings.repo import get_repo_path
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.postgres import Postgres
from pandas import DataFrame
from os import path

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export_data_to_postgres(df: DataFrame, **kwargs) -> None:
    config_path = path.join(get_repo_path(), 'io_config.yaml')
    config = ConfigFileLoader(config_path, 'warehouse')
    schema_name = config.config['RAW_SCHEMA']

    with Postgres.with_config(config) as loader:
        loader.export(df, schema_name, 'rides', index=False, if_exists='append')
