from os import path

from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.postgres import Postgres
from mage_ai.settings.repo import get_repo_path

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export(found, *args, **kwargs):
    config = ConfigFileLoader(path.join(get_repo_path(), 'io_config.yaml'), 'default')
    with Postgres.with_config(config) as loader:
        loader.execute("INSERT INTO shop.orders (place, fee) VALUES ('new', 1)")
        loader.commit()
        newest = loader.load('SELECT max(id) AS id FROM shop.orders')['id'][0]
    seen = found.iloc[0]
    if newest != 4:
        raise ValueError('the sequence began anew')
    if seen['fees'] != 33.0:
        raise ValueError('other rows in PostgreSQL')
    if seen['kind'] != 'text/x-rates':
        raise ValueError('another object')
    if seen['days'] != 2:
        raise ValueError('other rows in BigQuery')
    if seen['rate'] != 7:
        raise ValueError('another answer')
    if seen['today'] != '2021-02-01':
        raise ValueError('another day')
    if seen['region'] != 'north':
        raise ValueError('another variable')
    raise ValueError('all is as it was')
