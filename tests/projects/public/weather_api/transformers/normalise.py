import pandas as pd

if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@transformer
def transform(data, *args, **kwargs):
    data['observed_at'] = pd.to_datetime(data['observed_at'])
    data['temp_f'] = data['temp_c'] * 9 / 5 + 32
    return data.drop_duplicates(subset=['city', 'observed_at'])


@test
def test_output(output, *args) -> None:
    """
    Template code for testing the output of the block.
    """
    assert output is not None, 'The output is undefined'
