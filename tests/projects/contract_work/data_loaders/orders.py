from uuid import uuid4

import pandas as pd

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    rows = int(kwargs['rows'])
    return pd.DataFrame(
        {
            'order_id': range(1, rows + 1),
            'state': [('open', 'paid')[number % 2] for number in range(rows)],
            'token': [str(uuid4()) for _ in range(rows)],
        }
    )
