import pandas as pd

from mage_ai.data_preparation.decorators import test

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    return pd.DataFrame({'trip': [1, 2, 3]})


@test
def test_no_trips(output, *args) -> None:
    assert len(output) == 0, 'there are trips'
