from mage_ai.data_preparation.shared.secrets import get_secret_value

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def asks_for_nothing(*args, **kwargs):
    token = get_secret_value('not_there')
    print('token', token)
