import threading

import pandas as pd

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


def work():
    raise ValueError('the work is not done')


@data_loader
def load(*args, **kwargs):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return pd.DataFrame({'a': [1]})
