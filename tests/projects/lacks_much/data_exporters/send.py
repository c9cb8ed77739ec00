import requests
from mage_ai.data_preparation.shared.secrets import get_secret_value

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter

BASE = 'https://hooks.example.com/v1'


@data_exporter
def export(df, *args, **kwargs):
    token = get_secret_value('hook_token')
    requests.post(BASE + '/rows', data=df.to_csv(), headers={'authorization': token}, timeout=30)
    print(os.environ['HOME'])
