import duckdb
import pandas as pd
from os import path
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.duckdb import DuckDB
from mage_ai.settings.repo import get_repo_path

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def trips(*args, **kwargs):
    frame = pd.DataFrame({'n': [1, 2, 3], 'label': ['a', 'b', None]})
    with duckdb.connect('taxi.duckdb') as connection:
        connection.execute('CREATE TABLE trips AS SELECT * FROM frame')
    config = ConfigFileLoader(path.join(get_repo_path(), 'io_config.yaml'), 'default')
    with DuckDB.with_config(config) as loader:
        loader.export(frame, schema_name='main', table_name='zones', if_exists='replace')
    return frame
