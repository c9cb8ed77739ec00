import duckdb
import polars as pl

if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@transformer
def transform(data: pl.DataFrame, *args, **kwargs) -> pl.DataFrame:
    con = duckdb.connect('/home/src/warehouse/taxi.duckdb')
    con.register('trips', data.to_arrow())
    con.sql('CREATE OR REPLACE TABLE trips_by_zone AS SELECT zone, count(*) AS trips, sum(fare) AS fares FROM trips GROUP BY zone ORDER BY zone')
    out = con.sql('SELECT * FROM trips_by_zone').pl()
    con.close()
    return out.with_columns((pl.col('fares') / pl.col('trips')).alias('mean_fare'))


@test
def test_output(output, *args) -> None:
    """
    Template code for testing the output of the block.
    """
    assert output is not None, 'The output is undefined'
