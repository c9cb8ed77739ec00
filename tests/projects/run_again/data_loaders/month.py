import pandas as pd

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    month = kwargs['month']
    return pd.DataFrame({'trip_id': [month * 10 + 1, month * 10 + 2], 'month': [month, month]})
