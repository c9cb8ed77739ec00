import subprocess
import sys

from psycopg2.extensions import connection as libpq

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def in_c(*args, **kwargs):
    asked = (
        'postgresql://root:root@pgdatabase:5432/ny_taxi',
        'host=localhost user=postgres password=postgres dbname=postgres',
        'host=172.17.0.1 port=5433 user=u',
        'host=host.docker.internal port=5431 user=u password=p dbname=d sslmode=prefer',
        'host=shop.abc123.eu-west-1.rds.amazonaws.com user=etl password=x dbname=dwh',
    )
    code = "import psycopg2; psycopg2.connect('host=of-a-child user=u password=p').close()"
    subprocess.run([sys.executable, '-c', code], check=True)
    for number, dsn in enumerate(asked):
        connection = libpq(dsn)
        cursor = connection.cursor()
        cursor.execute(f'CREATE TABLE in_c_{number} AS SELECT generate_series(1, 3) AS n')
        connection.commit()
        connection.close()
