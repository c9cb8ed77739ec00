from os import path

from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.postgres import Postgres
from mage_ai.settings.repo import get_repo_path

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export(trips, *args, **kwargs):
    config = ConfigFileLoader(path.join(get_repo_path(), 'io_config.yaml'), 'default')
    with Postgres.with_config(config) as loader:
        # Two that create it at a time would fail in PostgreSQL's catalogue, IF NOT EXISTS or not.
        loader.execute('SELECT pg_advisory_xact_lock(1)')
        loader.execute('CREATE TABLE IF NOT EXISTS trips (trip_id bigint, month bigint)')
        loader.execute('DELETE FROM trips WHERE month = %(month)s', month=kwargs['month'])
        for trip in trips.itertuples(index=False):
            loader.execute('INSERT INTO trips VALUES (%(trip_id)s, %(month)s)', **trip._asdict())
        loader.commit()
