import pandas as pd

if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@transformer
def each(item, *args, **kwargs):
    return pd.DataFrame({'zone': [item['zone']] * 2, 'trips': [1, 2]})


@test
def has_two(output, *args):
    assert len(output) == 2
