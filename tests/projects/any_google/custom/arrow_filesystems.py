import datetime as dt

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from pyarrow import fs

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom

def arrow_filesystems(*args, **kwargs):
    soon = dt.datetime.now(dt.timezone.utc) + dt.timedelta(hours=1)
    filesystems = (
        fs.GcsFileSystem(),
        fs.GcsFileSystem(project_id='their-project'),
        fs.GcsFileSystem(access_token='ya29.theirs', credential_token_expiration=soon),
        fs.GcsFileSystem(default_bucket_location='EU'),
        fs.GcsFileSystem(anonymous=True),
    )
    for number, filesystem in enumerate(filesystems):
        pq.write_to_dataset(
            pa.table({'n': [number]}), 'bucket-of-filesystems/numbers', filesystem=filesystem
        )
        found = ds.dataset('bucket-of-filesystems/numbers', filesystem=filesystem)
        assert found.count_rows() == number + 1
