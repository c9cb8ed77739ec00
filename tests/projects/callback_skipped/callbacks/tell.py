if 'callback' not in globals():
    from mage_ai.data_preparation.decorators import callback


@callback('success')
def tell(parent_block_data, **kwargs):
    print('callback called')
