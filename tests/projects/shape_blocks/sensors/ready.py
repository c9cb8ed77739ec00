if 'sensor' not in globals():
    from mage_ai.data_preparation.decorators import sensor


@sensor
def ready(*args, **kwargs):
    return True
