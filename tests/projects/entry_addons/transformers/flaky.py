if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer


@transformer
def flaky(trips, *args, **kwargs):
    if kwargs['retry']['attempts'] < kwargs['succeeds_at']:
        raise ConnectionError('not yet')
    return trips
