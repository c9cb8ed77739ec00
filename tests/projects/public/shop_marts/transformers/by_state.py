if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@transformer
def transform(mart, *args, **kwargs):
    return mart.groupby('customer_state', as_index=False).agg(orders=('order_id', 'count'), paid=('payment_value', 'sum'))


@test
def test_output(output, *args) -> None:
    """
    Template code for testing the output of the block.
    """
    assert output is not None, 'The output is undefined'
