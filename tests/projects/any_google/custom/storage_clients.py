import io

import pandas as pd
from google.api_core.exceptions import NotFound
from google.cloud import storage

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom

def storage_clients(*args, **kwargs):
    clients = (
        storage.Client(),
        storage.Client(project='their-project'),
        storage.Client.from_service_account_json('/home/src/secrets/gcp.json'),
        storage.Client.from_service_account_json('/home/src/secrets/gcp.json', project='theirs'),
        storage.Client('theirs', client_options={'credentials_file': '/home/src/secrets/gcp.json'}),
    )
    frame = pd.DataFrame({'n': [1, 2, 3]})
    for number, client in enumerate(clients):
        file = io.BytesIO()
        frame.to_parquet(file)
        file.seek(0)
        bucket = client.bucket('bucket-of-clients')
        bucket.blob(f'part-{number}.parquet').upload_from_file(file)
    assert len(pd.read_parquet('gs://bucket-of-clients/part-0.parquet')) == 3
    assert storage.Client().lookup_bucket('bucket-of-nobody') is None
    try:
        list(storage.Client().get_bucket('bucket-of-nobody').list_blobs())
    except NotFound:
        return
    raise AssertionError('a bucket that nobody wrote to can be read')
