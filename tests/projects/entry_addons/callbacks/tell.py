if 'callback' not in globals():
    from mage_ai.data_preparation.decorators import callback


@callback('success')
def on_success(parent_block_data, **kwargs):
    print('SUCCESS of', kwargs['parent_block_uuid'], len(parent_block_data))


@callback('failure')
def on_failure(parent_block_data, **kwargs):
    print('FAILURE of', kwargs['parent_block_uuid'])
