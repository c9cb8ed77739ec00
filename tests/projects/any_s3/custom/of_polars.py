import polars as pl

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def of_polars(*args, **kwargs):
    pl.DataFrame({'n': [1, 2, 3]}).write_parquet('s3://bucket-of-polars/n.parquet')
    assert pl.scan_parquet('s3://bucket-of-polars/n.parquet').collect().height == 3
