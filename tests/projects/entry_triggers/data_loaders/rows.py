import pandas as pd

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def rows(*args, **kwargs):
    if kwargs['rows'] < 0:
        raise ValueError('less than no rows')
    return pd.DataFrame({'row': list(range(kwargs['rows']))})
