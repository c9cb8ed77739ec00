import socket

import pandas as pd

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    rows = []
    try:
        rows.append(socket.create_connection(('192.0.2.1', 5432), timeout=3))
    except OSError:
        pass
    return pd.DataFrame({'a': rows})
