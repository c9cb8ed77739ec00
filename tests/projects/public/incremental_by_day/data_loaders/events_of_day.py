import gzip
import io
import json

import pandas as pd
import requests

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@data_loader
def load_data(*args, **kwargs):
    execution_date = kwargs['execution_date']
    rows = []
    for hour in range(0, 2):
        url = f'https://data.gharchive.org/{execution_date:%Y-%m-%d}-{hour}.json.gz'
        response = requests.get(url, stream=True)
        if response.status_code == 404:
            continue
        with gzip.open(io.BytesIO(response.content), 'rt') as lines:
            for line in lines:
                event = json.loads(line)
                rows.append({'id': event['id'], 'event_type': event['type'], 'actor': event['actor']['login'],
                             'created_at': event['created_at']})
    df = pd.DataFrame(rows)
    df['created_at'] = pd.to_datetime(df['created_at'])
    return df


@test
def test_output(output, *args) -> None:
    """
    Template code for testing the output of the block.
    """
    assert output is not None, 'The output is undefined'
