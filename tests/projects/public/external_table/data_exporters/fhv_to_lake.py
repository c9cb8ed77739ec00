from google.cloud import storage
import os

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


os.environ['GOOGLE_APPLICATION_CREDENTIALS'] = '/home/src/personal-gcp.json'
BUCKET = os.environ.get('GCP_GCS_BUCKET', 'dtc-data-lake-fhv')


@data_exporter
def export_data(df, *args, **kwargs):
    storage.blob._MAX_MULTIPART_SIZE = 5 * 1024 * 1024
    storage.blob._DEFAULT_CHUNKSIZE = 5 * 1024 * 1024
    bucket = storage.Client().bucket(BUCKET)
    for month, part in df.groupby(df['pickup_datetime'].dt.month):
        name = f'fhv_tripdata_2019-{month:02d}.parquet'
        part.to_parquet(name, engine='pyarrow', index=False, coerce_timestamps='us')
        bucket.blob(f'fhv/{name}').upload_from_filename(name)
