from default_repo.utils.numbers import doubled as by_old_name
from utils.numbers import doubled as by_project

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom

def modules(*args, **kwargs):
    assert by_project([1]) == by_old_name([1]) == [2]
