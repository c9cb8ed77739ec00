if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    items = [{'zone': n} for n in range(kwargs['zones'])]
    return [items, [{'block_uuid': f"zone_{one['zone']}"} for one in items]]
