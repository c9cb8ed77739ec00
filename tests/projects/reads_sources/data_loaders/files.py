from os import environ, path

import pandas as pd
import pyarrow.parquet as pq
from google.cloud import storage
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.google_cloud_storage import GoogleCloudStorage
from mage_ai.settings.repo import get_repo_path
from pyarrow import fs

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    config = ConfigFileLoader(path.join(get_repo_path(), 'io_config.yaml'), 'default')
    by_mage = GoogleCloudStorage.with_config(config).load('lake', 'green/trips.parquet')
    text = storage.Client().bucket('lake').blob('notes.csv').download_as_text()
    host = environ['STORAGE_EMULATOR_HOST'].removeprefix('http://')
    files = fs.GcsFileSystem(anonymous=True, scheme='http', endpoint_override=host)
    by_arrow = pq.read_table('lake/yellow', filesystem=files).to_pandas()
    return pd.DataFrame({'rows': [len(by_mage), len(text.splitlines()), len(by_arrow)]})
