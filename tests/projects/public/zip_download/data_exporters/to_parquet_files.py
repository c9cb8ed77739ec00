import os

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export_data(df, *args, **kwargs):
    for source, part in df.groupby('source'):
        name = os.path.splitext(source)[0]
        part.to_parquet(f'/home/src/data/{name}.parquet', index=False)
