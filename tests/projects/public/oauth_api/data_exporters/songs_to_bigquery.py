import pandas as pd
from google.cloud import bigquery
from google.oauth2 import service_account

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


credentials = service_account.Credentials.from_service_account_file('/home/src/keys/music.json')


@data_exporter
def export_data(df, *args, **kwargs):
    client = bigquery.Client(credentials=credentials, project='music-390114')
    df = df[['played_at', 'song', 'artist', 'title']]
    job_config = bigquery.LoadJobConfig(write_disposition='WRITE_TRUNCATE')
    job = client.load_table_from_dataframe(df, 'music-390114.music.played', job_config=job_config)
    job.result()
