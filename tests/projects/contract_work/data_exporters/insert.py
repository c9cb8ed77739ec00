from os import path

from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.postgres import Postgres
from mage_ai.settings.repo import get_repo_path

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter

TABLE = """
    CREATE TABLE IF NOT EXISTS orders (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        order_id bigint NOT NULL,
        state text,
        token uuid,
        made_at timestamptz DEFAULT now()
    )
"""


@data_exporter
def export(orders, *args, **kwargs):
    config = ConfigFileLoader(path.join(get_repo_path(), 'io_config.yaml'), 'default')
    with Postgres.with_config(config) as loader:
        loader.execute(TABLE)
        for order in orders.itertuples(index=False):
            loader.execute(
                'INSERT INTO orders (order_id, state, token)'
                ' VALUES (%(order_id)s, %(state)s, %(token)s)',
                **order._asdict(),
            )
        loader.commit()
