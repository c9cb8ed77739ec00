from os import path

import pandas as pd
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.postgres import Postgres
from mage_ai.settings.repo import get_repo_path

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom

def by_profile(*args, **kwargs):
    config = ConfigFileLoader(path.join(get_repo_path(), 'io_config.yaml'), 'default')
    with Postgres.with_config(config) as loader:
        loader.export(
            pd.DataFrame({'n': [1, 2, 3]}), 'shop', 'by_profile', index=False, if_exists='replace'
        )
    with Postgres(
        dbname='ny_taxi', user='root', password='root', host='postgres', port='5432'
    ) as loader:
        assert len(loader.load('SELECT * FROM shop.by_profile')) == 3
