from mage_ai.settings.repo import get_repo_path
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.snowflake import Snowflake
from pandas import DataFrame
from os import path

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export_data(df: DataFrame, **kwargs) -> None:
    config_path = path.join(get_repo_path(), 'io_config.yaml')
    with Snowflake.with_config(ConfigFileLoader(config_path, 'default')) as loader:
        loader.export(df, 'scores', 'ANALYTICS', 'PUBLIC', if_exists='replace')
