import polars as pl

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export_data(df: pl.DataFrame, *args, **kwargs):
    df.write_parquet('zones.parquet')
