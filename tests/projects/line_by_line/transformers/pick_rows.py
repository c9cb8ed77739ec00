if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer


@transformer
def pick_rows(data, *args, **kwargs):
    try:
        first = data['word'][0]
        wrong = int(first)
    except ValueError:
        return data
    return wrong
