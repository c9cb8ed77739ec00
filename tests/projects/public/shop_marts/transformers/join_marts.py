import pandas as pd

if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@transformer
def transform(data, data_2, data_3, *args, **kwargs):
    paid = data_3.groupby('order_id', as_index=False)['payment_value'].sum()
    mart = data_2.merge(data, on='customer_id').merge(paid, on='order_id', how='left')
    mart['order_purchase_timestamp'] = pd.to_datetime(mart['order_purchase_timestamp'])
    return mart[mart['order_status'] != 'canceled']


@test
def test_output(output, *args) -> None:
    """
    Template code for testing the output of the block.
    """
    assert output is not None, 'The output is undefined'
