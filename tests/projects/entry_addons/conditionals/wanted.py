if 'condition' not in globals():
    from mage_ai.data_preparation.decorators import condition


@condition
def evaluate(*args, **kwargs) -> bool:
    return kwargs['wanted']
