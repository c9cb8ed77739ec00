import pandas as pd
from google.cloud import bigquery
from google.oauth2 import service_account

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom

def bigquery_clients(*args, **kwargs):
    credentials = service_account.Credentials.from_service_account_file('/home/src/key.json')
    client = bigquery.Client(project='their-project', credentials=credentials)
    client.create_dataset('shop', exists_ok=True)
    frame = pd.DataFrame({'n': [1, 2, 3]})
    client.load_table_from_dataframe(frame, 'their-project.shop.orders').result()
    other = bigquery.Client(project='their-project')
    rows = other.query('SELECT sum(n) AS n FROM `their-project.shop.orders`').result()
    assert [row.n for row in rows] == [6]
    own = bigquery.Client.from_service_account_json('/home/src/key.json')
    rows = own.query('SELECT count(*) AS n FROM `their-project`.shop.orders').to_dataframe()
    assert rows['n'].tolist() == [3]
