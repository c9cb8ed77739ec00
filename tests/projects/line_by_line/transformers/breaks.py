if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer


def refused(word):
    if word == 'A':
        raise RuntimeError(word)
    return word


@transformer
def breaks(data, *args, **kwargs):
    for word in data['word']:
        refused(word)
    return data
