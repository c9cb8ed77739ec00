import psycopg2
from psycopg2.extras import execute_values

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom

def by_keywords(*args, **kwargs):
    connections = (
        psycopg2.connect(
            host='postgres', port=5432, dbname='airflow', user='airflow', password='airflow'
        ),
        psycopg2.connect('host=172.17.0.1 dbname=test user=postgres password=secret'),
        psycopg2.connect(database='magic', user='magic', password='magic', connect_timeout=60),
        psycopg2.connect(
            host='db', user='u', password='p', options='-c search_path=aside', sslmode='require'
        ),
    )
    for number, connection in enumerate(connections):
        with connection, connection.cursor() as cursor:
            cursor.execute('CREATE SCHEMA IF NOT EXISTS aside')
            cursor.execute(f'CREATE TABLE by_keywords_{number} (n int)')
            execute_values(
                cursor, f'INSERT INTO by_keywords_{number} VALUES %s', [(1,), (2,), (3,)]
            )
        connection.close()
