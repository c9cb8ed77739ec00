from os import path

from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.mysql import MySQL
from mage_ai.settings.repo import get_repo_path

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def to_mage(frame, *args, **kwargs):
    config = ConfigFileLoader(path.join(get_repo_path(), 'io_config.yaml'), 'default')
    with MySQL.with_config(config) as loader:
        loader.export(frame, 'shop', 'zones_of_mage', index=False, if_exists='replace')
        for _ in range(2):
            loader.export(
                frame,
                'shop',
                'zones_once',
                index=False,
                if_exists='append',
                unique_constraints=['id'],
                unique_conflict_method='UPDATE',
            )
