import pandas as pd
import pymysql
from sqlalchemy import create_engine

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def of_pymysql(*args, **kwargs):
    engine = create_engine('mysql+pymysql://root:root@mysql:3306/shop?charset=utf8mb4')
    pd.DataFrame({'n': [1, 2, 3]}).to_sql('by_url', engine, if_exists='append', index=False)
    engine.dispose()
    with pymysql.connect(
        host='mysql', user='root', password='root', database='shop', ssl={'ca': '/ca.pem'}
    ) as connection, connection.cursor() as cursor:
        cursor.execute('CREATE TABLE by_pymysql (n INT)')
        cursor.executemany('INSERT INTO by_pymysql VALUES (%s)', [(1,), (2,), (3,)])
        connection.commit()
