from mage_ai.settings.repo import get_repo_path
from mage_ai.io.bigquery import BigQuery
from mage_ai.io.config import ConfigFileLoader
from pandas import DataFrame
from os import path

from mage_zoomcamp.utils.shared import gcp_project, validate_bigquery

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export_data_to_big_query(df: DataFrame, **kwargs) -> None:
    """
    Write the trips to a BigQuery table, in place of those that it held.

    Pipeline variables: bq_dataset_name and bq_dataset_table.
    """
    config_path = path.join(get_repo_path(), 'io_config.yaml')
    config_profile = 'default'
    config = ConfigFileLoader(config_path, config_profile)

    project = gcp_project()
    dataset_name = kwargs['bq_dataset_name']
    table_id = f"{project}.{dataset_name}.{kwargs['bq_dataset_table']}"

    validate_bigquery(config, dataset_name)
    BigQuery.with_config(config, project=project).export(
        df,
        table_id,
        if_exists='replace',
    )
