from mage_ai.settings.repo import get_repo_path
from mage_ai.io.bigquery import BigQuery
from mage_ai.io.config import ConfigFileLoader
from pandas import DataFrame
from os import path

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export_data_to_big_query(mart: DataFrame, by_state: DataFrame, **kwargs) -> None:
    config_path = path.join(get_repo_path(), 'io_config.yaml')
    bigquery = BigQuery.with_config(ConfigFileLoader(config_path, 'default'))
    bigquery.export(mart, 'olist-project.marts.orders', if_exists='replace')
    bigquery.export(by_state, 'olist-project.marts.states', if_exists='replace')
