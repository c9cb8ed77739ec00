if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer


@transformer
def months(year, *args, **kwargs):
    return [[dict(year, month=month) for month in range(year['year'])]]
