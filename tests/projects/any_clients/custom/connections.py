import asyncio

import asyncpg
import pg8000
import psycopg

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom

def connections(*args, **kwargs):
    with psycopg.connect('postgresql://root:root@pgdatabase:5432/ny_taxi') as connection:
        connection.execute('CREATE TABLE by_psycopg AS SELECT 1 AS n')
    with psycopg.connect(host='db', user='u', password='p', dbname='d') as connection:
        connection.execute('INSERT INTO by_psycopg VALUES (2)')
    connection = pg8000.connect('postgres', host='db', database='d', password='p', port=5433)
    connection.cursor().execute('CREATE TABLE by_pg8000 AS SELECT 1 AS n')
    connection.commit()
    connection.close()
    asyncio.run(write())


async def write():
    connection = await asyncpg.connect('postgresql://root:root@pgdatabase:5432/ny_taxi')
    await connection.execute('CREATE TABLE by_asyncpg AS SELECT 1 AS n')
    await connection.close()
    connection = await asyncpg.connect(host='db', user='u', password='p', database='d')
    await connection.execute('INSERT INTO by_asyncpg VALUES (2)')
    await connection.close()
    connection = await psycopg.AsyncConnection.connect('host=db user=u password=p dbname=d')
    await connection.execute('INSERT INTO by_psycopg VALUES (3)')
    await connection.commit()
    await connection.close()
