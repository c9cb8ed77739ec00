import subprocess
import sys
from os import path

import pandas as pd
from google.cloud import bigquery, bigquery_storage
from mage_ai.io.bigquery import BigQuery
from mage_ai.io.config import ConfigFileLoader
from mage_ai.settings.repo import get_repo_path

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader

CODE = '''
from google.cloud import bigquery
assert len(bigquery.Client().list_rows("shop.t").to_dataframe()) == 1000
'''


@data_loader
def read(*args, **kwargs):
    config = ConfigFileLoader(path.join(get_repo_path(), 'io_config.yaml'), 'default')
    loaded = BigQuery.with_config(config).load('SELECT x, dt FROM shop.t ORDER BY x')
    assert loaded['x'].tolist() == list(range(1, 1001))
    client = bigquery.Client()
    frame = client.query('SELECT x FROM shop.t ORDER BY x').to_dataframe()
    assert frame['x'].tolist() == list(range(1, 1001))
    reader = bigquery_storage.BigQueryReadClient(
        client_options={'api_endpoint': 'bigquerystorage.googleapis.com'}
    )
    session = reader.create_read_session(
        parent=f'projects/{client.project}',
        read_session=bigquery_storage.types.ReadSession(
            table=f'projects/{client.project}/datasets/shop/tables/t',
            data_format=bigquery_storage.types.DataFormat.ARROW,
        ),
    )
    rows = sum(one.row_count for one in reader.read_rows(session.streams[0].name))
    assert rows == 1000
    subprocess.run([sys.executable, '-c', CODE], check=True)
    return pd.DataFrame({'rows': [rows]})
