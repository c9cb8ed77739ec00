import pandas as pd

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    return pd.DataFrame(
        {
            'trip': ['a', 'b', 'c', 'd', 'e'],
            'zone': ['north', 'north', 'south', 'south', 'east'],
            'fare': [5.0, 0.0, 7.5, 4.0, -3.0],
            'tip': [1.0, 0.0, 2.5, 2.0, 0.0],
        }
    )
