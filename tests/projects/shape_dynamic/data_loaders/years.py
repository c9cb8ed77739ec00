if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def years(*args, **kwargs):
    return [[{'year': 1}, {'year': 2}], [{'block_uuid': 'one'}, {'block_uuid': 'two'}]]
