import pandas as pd

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    """
    Template: https://docs.example.com/loading.csv
    """
    return pd.read_csv('https://files.example.com/rates.csv', dtype={'currency': str, 'rate': float})
