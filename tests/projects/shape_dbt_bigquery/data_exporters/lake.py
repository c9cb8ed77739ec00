import os

import pandas as pd
from google.cloud import bigquery

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter

os.environ['GOOGLE_APPLICATION_CREDENTIALS'] = '/home/src/keys/acme-lake.json'


@data_exporter
def export(*args, **kwargs):
    trips = pd.DataFrame({
        'trip_id': [1, 2, 3],
        'started_at': pd.to_datetime(['2021-01-31 10:00', '2021-01-31 11:00', '2021-02-01 09:00'], utc=True),
        'zone_id': [1, 1, 2],
        'fare': [10.5, 3.0, 7.25],
    })
    client = bigquery.Client(project='acme-lake')
    client.load_table_from_dataframe(trips, 'acme-lake.raw.trips').result()
