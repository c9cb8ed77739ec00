import json

from google.cloud import storage
from google.oauth2 import service_account

INFO = {
    'type': 'service_account',
    'project_id': 'their-project',
    'private_key_id': '0123456789',
    'private_key': '-----BEGIN PRIVATE KEY-----\nnot a key\n-----END PRIVATE KEY-----\n',
    'client_email': 'etl@their-project.iam.gserviceaccount.com',
    'token_uri': 'https://oauth2.googleapis.com/token',
}

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom

def key_objects(*args, **kwargs):
    from_file = service_account.Credentials.from_service_account_file(
        '/home/src/key.json', scopes=['https://www.googleapis.com/auth/cloud-platform']
    )
    from_info = service_account.Credentials.from_service_account_info(INFO)
    assert from_info.project_id == 'their-project'
    for number, credentials in enumerate((from_file, from_info)):
        client = storage.Client(credentials=credentials, project=credentials.project_id)
        bucket = client.get_bucket('bucket-of-objects')
        bucket.blob(f'{number}.json').upload_from_string(json.dumps({'n': number}))
