from os import path

from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.google_cloud_storage import GoogleCloudStorage
from mage_ai.settings.repo import get_repo_path

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    config = ConfigFileLoader(path.join(get_repo_path(), 'io_config.yaml'), 'default')
    gcs = GoogleCloudStorage.with_config(config)
    if gcs.client.lookup_bucket('gcs-missing-object') is None:
        gcs.client.create_bucket('gcs-missing-object')

    return gcs.load('gcs-missing-object', 'no/such/trips.parquet')
