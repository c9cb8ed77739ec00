import pandas as pd
import requests

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


QUERY = """
query ($year: Int!) { releases(year: $year) { title artist { name } } }
"""


@data_loader
def load_data(*args, **kwargs):
    response = requests.post('https://graphql.music.example/', json={'query': QUERY, 'variables': {'year': 2021}})
    response.raise_for_status()
    return pd.json_normalize(response.json()['data']['releases'])


@test
def test_output(output, *args) -> None:
    """
    Template code for testing the output of the block.
    """
    assert output is not None, 'The output is undefined'
