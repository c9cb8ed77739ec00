import datetime as dt
import json
import time
from os import path

import pandas as pd
from google.oauth2 import service_account
from mage_ai.data_preparation.shared.secrets import get_secret_value
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.postgres import Postgres
from mage_ai.settings.repo import get_repo_path

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def values(*args, **kwargs):
    logger = kwargs['logger']
    logger.info('the values', threshold=kwargs['threshold'])
    assert get_secret_value('api_token') == 'throw-away'
    service_account.Credentials.from_service_account_info(json.loads(get_secret_value('gcp')))
    age = dt.datetime.now(dt.timezone.utc) - kwargs['execution_date']
    assert dt.timedelta(0) <= age < dt.timedelta(minutes=10)
    assert kwargs['ds'] == kwargs['execution_date'].strftime('%Y-%m-%d')
    for _ in range(3):
        time.sleep(600)
    config = ConfigFileLoader(path.join(get_repo_path(), 'io_config.yaml'), 'default')
    with Postgres.with_config(config) as loader:
        loader.export(pd.DataFrame({'n': [1]}), 'public', 'values_written', index=False)
