from os import environ

from sqlalchemy import URL, create_engine, text

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export(*args, **kwargs):
    engine = create_engine(URL.create(
        'postgresql+psycopg2',
        environ['POSTGRES_USER'],
        environ['POSTGRES_PASSWORD'],
        environ['POSTGRES_HOST'],
        int(environ['POSTGRES_PORT']),
        environ['POSTGRES_DBNAME'],
    ))
    with engine.connect() as connection:
        connection.execute(text('CREATE TABLE orders AS SELECT 1 AS n'))
