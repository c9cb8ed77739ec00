import pandas as pd

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@data_loader
def load(*args, **kwargs):
    return pd.DataFrame({'trip': [1, 2, 3]})


@test
def test_three_trips(output, *args) -> None:
    assert len(output) == 3, 'there are not three trips'
