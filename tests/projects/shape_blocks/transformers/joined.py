import pandas as pd

if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer


@transformer
def joined(north, south, *args, **kwargs):
    assert (len(north), len(south)) == (3, 1)
    return pd.concat([north, south])
