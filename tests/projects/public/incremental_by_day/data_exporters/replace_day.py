from mage_ai.settings.repo import get_repo_path
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.postgres import Postgres
from pandas import DataFrame
from os import path

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export_data_to_postgres(df: DataFrame, **kwargs) -> None:
    day = kwargs.get('execution_date').date()
    config_path = path.join(get_repo_path(), 'io_config.yaml')
    with Postgres.with_config(ConfigFileLoader(config_path, 'default')) as loader:
        loader.execute('CREATE SCHEMA IF NOT EXISTS github')
        loader.execute('CREATE TABLE IF NOT EXISTS github.events (id text, event_type text, actor text, created_at timestamp)')
        loader.execute(f"DELETE FROM github.events WHERE created_at::date = '{day}'")
        loader.commit()
        loader.export(df.astype({'id': str}), 'github', 'events', index=False, if_exists='append')
