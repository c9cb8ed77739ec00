import os
import time
import pandas as pd
import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


API_KEY = os.environ['WEATHER_API_KEY']
BASE_URL = 'https://api.weatherdata.example/v1/history'
CITIES = ['Berlin', 'Lagos']

session = requests.Session()
session.mount('https://', HTTPAdapter(max_retries=Retry(
    total=3, backoff_factor=1, status_forcelist=[429, 500, 502, 503, 504])))


@data_loader
def load_data(*args, **kwargs):
    logger = kwargs.get('logger')
    rows = []
    for city in CITIES:
        page = 1
        while True:
            response = session.get(BASE_URL, params={'q': city, 'page': page, 'key': API_KEY}, timeout=30)
            response.raise_for_status()
            payload = response.json()
            for hour in payload['hours']:
                rows.append({'city': payload['location']['name'], 'observed_at': hour['time'], 'temp_c': hour['temp_c']})
            if payload['next_page'] is None:
                break
            page = payload['next_page']
            time.sleep(1)
        logger.info(f'{city}: {len(rows)} rows so far')
    return pd.DataFrame(rows)


@test
def test_output(output, *args) -> None:
    """
    Template code for testing the output of the block.
    """
    assert output is not None, 'The output is undefined'
