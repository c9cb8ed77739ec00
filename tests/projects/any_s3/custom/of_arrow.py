import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from pyarrow import fs

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def of_arrow(*args, **kwargs):
    table = pa.table({'day': ['2021-01-30', '2021-01-31', '2021-01-31'], 'n': [1, 2, 3]})
    for filesystem in (
        fs.S3FileSystem(),
        fs.S3FileSystem(endpoint_override='minio:9000', scheme='http', access_key='a', secret_key='b'),
    ):
        pq.write_to_dataset(table, 'bucket-of-arrow/days', partition_cols=['day'], filesystem=filesystem)
    assert ds.dataset('s3://bucket-of-arrow/days/').count_rows() == 6
    pq.write_table(table, 's3://bucket-of-urls/n.parquet')
