import pandas as pd
import requests

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@data_loader
def load_data(*args, **kwargs):
    feed = requests.get('https://gbfs.bikes.example/en/station_status.json').json()
    return pd.DataFrame(feed['data']['stations'])[['station_id', 'num_bikes_available', 'last_reported']]


@test
def test_output(output, *args) -> None:
    """
    Template code for testing the output of the block.
    """
    assert output is not None, 'The output is undefined'
