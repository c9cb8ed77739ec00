import os

import google.auth
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from google.cloud import storage

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom

def environ_key(*args, **kwargs):
    os.environ['GOOGLE_APPLICATION_CREDENTIALS'] = '/home/src/personal-gcp.json'
    assert os.environ['GOOGLE_APPLICATION_CREDENTIALS'] == '/home/src/personal-gcp.json'
    google.auth.default()
    storage.Client().bucket('bucket-of-environ').blob('a.txt').upload_from_string('a')
    table = pa.Table.from_pandas(pd.DataFrame({'day': ['x', 'y'], 'n': [1, 2]}))
    pq.write_to_dataset(
        table,
        root_path='bucket-of-arrow/days',
        partition_cols=['day'],
        filesystem=pa.fs.GcsFileSystem(),
    )
