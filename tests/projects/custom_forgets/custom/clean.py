import pandas as pd

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def clean(*args, **kwargs):
    frame = pd.DataFrame({'a': [1, None]})
    frame.dropna(inplace=True)
