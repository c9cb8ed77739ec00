import adbc_driver_postgresql.dbapi
import connectorx
import pandas as pd
import polars as pl

URL = 'postgresql://root:root@pgdatabase:5432/ny_taxi'

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom

def urls(*args, **kwargs):
    sql = 'SELECT 1 AS n'
    assert len(connectorx.read_sql(URL, sql)) == 1
    assert pl.read_database_uri(sql, URL).height == 1
    assert pl.read_database_uri(sql, URL, engine='adbc').height == 1
    with adbc_driver_postgresql.dbapi.connect(URL) as connection:
        pd.DataFrame({'n': [1, 2, 3]}).to_sql('by_adbc', connection, index=False)
        connection.commit()
