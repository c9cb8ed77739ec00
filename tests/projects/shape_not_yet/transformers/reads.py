if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer


@transformer
def reads(rows, *args, **kwargs):
    return rows
