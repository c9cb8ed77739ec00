import os

import pandas as pd

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader

HOSTILE = '</script><img src=x onerror=alert(1)>'


@data_loader
def load(*args, **kwargs):
    print('loaded by', HOSTILE, 'with', os.environ['SHOP_API_TOKEN'], 'and', kwargs.get('api_key'))
    return pd.DataFrame({'order': [1, 2, 3], 'note': [HOSTILE, 'a\x00b', '\u202egnp.exe']})
