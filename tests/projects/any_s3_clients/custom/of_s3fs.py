import pandas as pd
import s3fs

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def of_s3fs(*args, **kwargs):
    frame = pd.DataFrame({'n': [1, 2, 3]})
    filesystems = (
        s3fs.S3FileSystem(),
        s3fs.S3FileSystem(key='AKIA', secret='theirs', client_kwargs={'endpoint_url': 'http://minio:9000'}),
    )
    for number, filesystem in enumerate(filesystems):
        with filesystem.open(f'bucket-of-s3fs/{number}.parquet', 'wb') as file:
            frame.to_parquet(file)
        assert filesystem.exists(f'bucket-of-s3fs/{number}.parquet')
        assert not filesystem.exists('bucket-of-s3fs/never')
    assert len(s3fs.S3FileSystem(anon=True).ls('bucket-of-s3fs')) == 2
    with s3fs.S3FileSystem(anon=True).open('bucket-of-s3fs/0.parquet', 'rb') as file:
        assert len(pd.read_parquet(file)) == 3
    frame.to_csv('s3://bucket-of-pandas/n.csv', index=False)
    frame.to_parquet('s3://bucket-of-pandas/n.parquet', storage_options={'profile': 'theirs'})
    assert len(pd.read_csv('s3://bucket-of-pandas/n.csv')) == 3
    assert len(pd.read_parquet('s3://bucket-of-pandas/n.parquet')) == 3
