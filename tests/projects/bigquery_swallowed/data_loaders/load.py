from os import path

from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.bigquery import BigQuery
from mage_ai.settings.repo import get_repo_path

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    config = ConfigFileLoader(path.join(get_repo_path(), 'io_config.yaml'), 'default')
    results = BigQuery.with_config(config).execute_queries(
        ['SELECT trip FROM nowhere.no_such_table']
    )
    print(f'got {results!r}')
    return results
