import os
from datetime import datetime, timezone

import pandas as pd
import psycopg2
from google.cloud import bigquery, storage

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def ask(*args, **kwargs):
    """Seconds since the epoch by the services, in order, and the days that they take it for."""
    told, days = {}, {}
    connection = psycopg2.connect(
        host=os.environ['POSTGRES_HOST'],
        port=os.environ['POSTGRES_PORT'],
        user=os.environ['POSTGRES_USER'],
        password=os.environ['POSTGRES_PASSWORD'],
        dbname=os.environ['POSTGRES_DBNAME'],
    )
    connection.autocommit = True
    cursor = connection.cursor()

    def one(sql):
        cursor.execute(sql)
        return cursor.fetchone()[0]

    told['postgres now()'] = one('SELECT now()').timestamp()
    told['postgres CURRENT_TIMESTAMP'] = one('SELECT CURRENT_TIMESTAMP').timestamp()
    cursor.execute(
        'CREATE TABLE IF NOT EXISTS seen '
        '(a int, at timestamptz DEFAULT now(), day date DEFAULT CURRENT_DATE)'
    )
    cursor.execute('INSERT INTO seen VALUES (1) RETURNING at, day')
    moment, day = cursor.fetchone()
    told['postgres default'], days['postgres default'] = moment.timestamp(), str(day)
    connection.close()

    client = bigquery.Client()

    def query(sql):
        return [tuple(row) for row in client.query(sql).result()]

    ((moment, day),) = query('SELECT CURRENT_TIMESTAMP(), CURRENT_DATE()')
    told['bigquery CURRENT_TIMESTAMP'] = moment.timestamp()
    days['bigquery CURRENT_DATE'] = str(day)
    client.create_dataset('shop', exists_ok=True)
    query(
        'CREATE TABLE IF NOT EXISTS shop.seen (a INT64, at TIMESTAMP DEFAULT CURRENT_TIMESTAMP(), '
        'day DATE DEFAULT CURRENT_DATE())'
    )
    query(f'INSERT INTO shop.seen (a) VALUES ({os.getpid()})')
    ((moment, day),) = query(f'SELECT at, day FROM shop.seen WHERE a = {os.getpid()}')
    told['bigquery default'] = moment.timestamp()
    days['bigquery default'] = str(day)
    job = client.query('SELECT 1')
    job.result()
    told['bigquery job'] = job.ended.timestamp()

    bucket = storage.Client().bucket('seen')
    if not bucket.exists():
        bucket.create()
    blob = bucket.blob(datetime.now(timezone.utc).isoformat())
    blob.upload_from_string('x')
    blob.reload()
    told['object timeCreated'] = blob.time_created.timestamp()
    told['object updated'] = blob.updated.timestamp()
    return [
        pd.DataFrame({'what': list(told), 'seconds': list(told.values())}),
        pd.DataFrame({'what': list(days), 'day': list(days.values())}),
    ]
