import base64
import pandas as pd
import requests
from mage_ai.data_preparation.shared.secrets import get_secret_value

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


def access_token():
    client = f"{get_secret_value('music_client_id')}:{get_secret_value('music_client_secret')}"
    answer = requests.post(
        'https://accounts.music.example/api/token',
        headers={'Authorization': 'Basic ' + base64.b64encode(client.encode()).decode()},
        data={'grant_type': 'refresh_token', 'refresh_token': get_secret_value('music_refresh_token')},
    )
    return answer.json()['access_token']


@data_loader
def load_data(*args, **kwargs):
    headers = {'Authorization': f'Bearer {access_token()}', 'Content-Type': 'application/json'}
    url = 'https://api.music.example/v1/me/player/recently-played?limit=50'
    songs = []
    while url:
        data = requests.get(url, headers=headers).json()
        songs += [{'played_at': item['played_at'], 'song': item['track']['name'],
                   'artist': item['track']['artists'][0]['name']} for item in data['items']]
        url = data['next']
    return pd.DataFrame(songs)


@test
def test_primary_key(output, *args) -> None:
    assert output['played_at'].is_unique, 'Primary key check is violated'
