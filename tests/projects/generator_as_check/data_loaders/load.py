import pandas as pd

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@data_loader
def load(*args, **kwargs):
    return pd.DataFrame({'a': [1]})


@test
def check(output, *args):
    yield
    assert len(output) == 99
