import os

import pandas as pd
import psycopg2
from sqlalchemy import create_engine

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    env = os.environ
    address = f"{env['POSTGRES_USER']}:{env['POSTGRES_PASSWORD']}@{env['POSTGRES_HOST']}:{env['POSTGRES_PORT']}"
    engine = create_engine(f"postgresql+psycopg2://{address}/{env['POSTGRES_DBNAME']}")
    zones = pd.read_sql_table('zones', engine, schema='shop')
    with psycopg2.connect() as connection, connection.cursor() as cursor:
        cursor.execute('SELECT place FROM shop.closed WHERE place = ANY(%s)', ([1, 2, 3],))
        closed = [place for place, in cursor.fetchall()]
    return zones[~zones['id'].isin(closed)].reset_index(drop=True)
