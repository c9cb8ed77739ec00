import asyncio

import aiomysql
import connectorx as cx
import polars as pl

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom

URL = 'mysql://root:root@mysql:3306/shop'


async def by_aiomysql():
    async with aiomysql.create_pool(host='mysql', user='root', password='root', db='shop') as pool:
        async with pool.acquire() as connection, connection.cursor() as cursor:
            await cursor.execute('CREATE TABLE by_aiomysql AS SELECT * FROM by_pymysql')
            await connection.commit()


@custom
def of_others(*args, **kwargs):
    asyncio.run(by_aiomysql())
    assert len(cx.read_sql(URL, 'SELECT * FROM by_aiomysql')) == 3
    assert pl.read_database_uri('SELECT * FROM by_url', URL).height == 3
