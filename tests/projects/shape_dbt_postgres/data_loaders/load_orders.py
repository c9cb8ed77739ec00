import pandas as pd

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    return pd.DataFrame({
        'order_id': [1, 2, 3],
        'customer_id': [7, 7, 8],
        'ordered_on': ['2021-01-31', '2021-01-31', '2021-02-01'],
        'amount': [10.0, None, 30.5],
    })
