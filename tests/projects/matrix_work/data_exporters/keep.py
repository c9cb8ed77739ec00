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
        loader.execute(
            'CREATE TABLE fares'
            ' (trip_id bigint, miles double precision, fare double precision, loaded timestamptz)'
        )
        for trip in trips.itertuples(index=False):
            loader.execute(
                'INSERT INTO fares VALUES (%(trip_id)s, %(miles)s, %(fare)s, %(loaded)s)',
                **trip._asdict(),
            )
        loader.commit()
