import pandas as pd

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    url = 'https://files.example.com/trips/all.parquet'
    return pd.concat([pd.read_parquet(url), pd.read_csv(f"https://files.example.com/{kwargs['year']}.csv")])
