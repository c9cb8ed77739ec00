from os import environ

import psycopg2
from google.api_core.exceptions import NotFound
from google.cloud import bigquery, storage
from psycopg2.errors import DuplicateTable

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export(*args, **kwargs):
    with psycopg2.connect(
        host=environ['POSTGRES_HOST'],
        port=environ['POSTGRES_PORT'],
        user=environ['POSTGRES_USER'],
        password=environ['POSTGRES_PASSWORD'],
        dbname=environ['POSTGRES_DBNAME'],
    ) as connection, connection.cursor() as cursor:
        cursor.execute('CREATE TABLE orders (n int)')
        connection.commit()
        try:
            cursor.execute('CREATE TABLE orders (n int)')
        except DuplicateTable:
            connection.rollback()
        # Only to see whether it could be done.
        cursor.execute('INSERT INTO orders VALUES (1)')
        connection.rollback()

    bucket = storage.Client().create_bucket('orders')
    try:
        bucket.blob('state.json').download_as_text()
    except NotFound:
        bucket.blob('state.json').upload_from_string('{}')

    warehouse = bigquery.Client()
    warehouse.create_dataset('shop', exists_ok=True)
    warehouse.delete_table('shop.orders', not_found_ok=True)
    try:
        warehouse.query('SELECT max(n) FROM shop.orders').result()
    except NotFound:
        warehouse.query('CREATE TABLE shop.orders AS SELECT 1 AS n').result()
