from os import path

from google.cloud import bigquery
from mage_ai.io.bigquery import BigQuery
from mage_ai.io.config import ConfigFileLoader
from mage_ai.settings.repo import get_repo_path

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    config = ConfigFileLoader(path.join(get_repo_path(), 'io_config.yaml'), 'default')
    df = BigQuery.with_config(config).load('SELECT id, name FROM shop.items WHERE id > 1')
    client = bigquery.Client()
    df['days'] = [len(list(client.list_rows('shop.days')))] * len(df)
    return df
