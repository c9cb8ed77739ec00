import os

from google.cloud import storage

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


os.environ['GOOGLE_APPLICATION_CREDENTIALS'] = '/home/src/gh-archive-key.json'


@data_exporter
def export_data(df, *args, **kwargs):
    day = kwargs['execution_date']
    local = f'events_{day:%Y%m%d}.parquet'
    df.to_parquet(local, index=False, coerce_timestamps='us')
    bucket = storage.Client().bucket('gh-archive-lake')
    bucket.blob(f'events/year={day:%Y}/month={day:%m}/day={day:%d}/events.parquet').upload_from_filename(local)
    os.remove(local)
