from os import path

import pandas as pd
from mage_ai.io.bigquery import BigQuery
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.google_cloud_storage import GoogleCloudStorage
from mage_ai.settings.repo import get_repo_path

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom

def mage_io(*args, **kwargs):
    frame = pd.DataFrame({'n': [1, 2, 3]})
    for profile in ('default', 'dev'):
        config = ConfigFileLoader(path.join(get_repo_path(), 'io_config.yaml'), profile)
        GoogleCloudStorage.with_config(config).export(frame, 'bucket-of-mage', f'{profile}.csv')
        BigQuery.with_config(config).export(
            frame, f'their-project.mage.{profile}', if_exists='replace'
        )
    assert len(GoogleCloudStorage.with_config(config).load('bucket-of-mage', 'dev.csv')) == 3
