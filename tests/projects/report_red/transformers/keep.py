if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer


@transformer
def keep(frame, *args, **kwargs):
    print('\x1b[31mkept\x1b[0m', len(frame) - 1)
    return frame[frame['order'] > 1]
