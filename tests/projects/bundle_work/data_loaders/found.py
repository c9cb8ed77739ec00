from datetime import datetime
from os import path

import pandas as pd
import requests
from google.cloud import bigquery, storage
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.postgres import Postgres
from mage_ai.settings.repo import get_repo_path

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    config = ConfigFileLoader(path.join(get_repo_path(), 'io_config.yaml'), 'default')
    with Postgres.with_config(config) as loader:
        orders = loader.load('SELECT sum(fee_with_tax) AS fees FROM shop.late_orders')
    blob = storage.Client().bucket('lake').get_blob('rates.csv')
    days = bigquery.Client().list_rows('shop.days')
    answer = requests.get('https://rates.example.com/today', timeout=30)
    print('the key is AKIA' + 'QWERTYUIOP234567')
    return pd.DataFrame(
        {
            'fees': [float(orders['fees'][0])],
            'kind': [blob.content_type],
            'days': [len(list(days))],
            'rate': [answer.json()['rate']],
            'today': [datetime.now().strftime('%Y-%m-%d')],
            'region': [kwargs['region']],
        }
    )
