import pyarrow as pa
import pyarrow.fs
import pyarrow.parquet as pq

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export(trips, *args, **kwargs):
    gcs = pa.fs.GcsFileSystem()
    gcs.create_dir('lake')
    pq.write_to_dataset(
        pa.Table.from_pandas(trips),
        root_path='lake/trips',
        partition_cols=['month'],
        filesystem=gcs,
        existing_data_behavior='delete_matching',
    )
