from os import environ

import psycopg2
from google.cloud import storage

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def store(frame, *args, **kwargs):
    token = environ['SHOP_API_TOKEN']
    storage.Client().create_bucket('orders').blob('all.csv').upload_from_string(frame.to_csv())
    with psycopg2.connect(
        host=environ['POSTGRES_HOST'],
        port=environ['POSTGRES_PORT'],
        user=environ['POSTGRES_USER'],
        password=environ['POSTGRES_PASSWORD'],
        dbname=environ['POSTGRES_DBNAME'],
    ) as connection, connection.cursor() as cursor:
        cursor.execute('CREATE TABLE orders (n int)')
        connection.commit()
        raise ValueError(f'{len(frame)} orders, and {token} was refused')
