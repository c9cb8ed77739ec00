import pandas as pd

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    return pd.DataFrame({
        'id': [1, 2, 3],
        'kind of trip': ['a', 'b', None],
        'price': [1.5, 2.25, 4.0],
        'taken': pd.to_datetime(['2021-01-31', '2021-02-01', '2021-02-02']),
    })
