import time

time.sleep(0.5)
from psycopg2.extensions import connection as libpq

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def by_part(*args, **kwargs):
    with libpq('host=db user=u password=p') as connection, connection.cursor() as cursor:
        cursor.execute('CREATE TABLE by_part AS SELECT 1 AS n')
