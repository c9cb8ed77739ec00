if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@transformer
def keep(trips, *args, **kwargs):
    return trips


@test
def has_three(trips, *args):
    assert len(trips) == 3
