import gcsfs
import pandas as pd

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom

def files_of_gcs(*args, **kwargs):
    frame = pd.DataFrame({'n': [1, 2, 3]})
    filesystems = (
        gcsfs.GCSFileSystem(token='/home/src/key.json', project='their-project'),
        gcsfs.GCSFileSystem(project='their-project', token='google_default'),
        gcsfs.GCSFileSystem(),
    )
    for number, filesystem in enumerate(filesystems):
        with filesystem.open(f'bucket-of-gcsfs/{number}.parquet', 'wb') as file:
            frame.to_parquet(file)
    options = {'token': '/home/src/key.json'}
    frame.to_parquet('gs://bucket-of-pandas/n.parquet', storage_options=options)
    frame.to_csv('gs://bucket-of-pandas/n.csv', index=False)
    assert len(pd.read_parquet('gs://bucket-of-pandas/n.parquet', storage_options=options)) == 3
    assert len(pd.read_csv('gs://bucket-of-pandas/n.csv')) == 3
