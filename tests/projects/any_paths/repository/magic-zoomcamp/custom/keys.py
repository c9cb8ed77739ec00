import json
import os

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom

def keys(*args, **kwargs):
    os.environ['GOOGLE_APPLICATION_CREDENTIALS'] = '/home/src/secrets/gcp.json'
    with open(os.environ['GOOGLE_APPLICATION_CREDENTIALS']) as file:
        assert json.load(file)['type'] == 'service_account'
