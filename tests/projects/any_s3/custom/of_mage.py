from os import path

import pandas as pd
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.s3 import S3
from mage_ai.settings.repo import get_repo_path

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def of_mage(*args, **kwargs):
    config = ConfigFileLoader(path.join(get_repo_path(), 'io_config.yaml'), 'default')
    frame = pd.DataFrame({'n': [1, 2, 3]})
    S3.with_config(config).export(frame, 'bucket-of-mage', 'out/n.parquet')
    assert S3.with_config(config).exists('bucket-of-mage', 'out/')
    assert len(S3.with_config(config).load('bucket-of-mage', 'out/n.parquet')) == 3
    assert len(S3.with_config(config).load('bucket-of-seeds', 'zones.csv')) == 2
