if 'condition' not in globals():
    from mage_ai.data_preparation.decorators import condition


@condition
def forgets(*args, **kwargs) -> bool:
    kwargs.get('wanted')
