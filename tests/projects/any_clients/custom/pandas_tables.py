import pandas as pd
import pandas_gbq
from google.oauth2 import service_account

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom

def pandas_tables(*args, **kwargs):
    credentials = service_account.Credentials.from_service_account_file('/home/src/key.json')
    frame = pd.DataFrame({'n': [1, 2, 3]})
    frame.to_gbq('shop.plain', project_id='theirs', if_exists='replace', credentials=credentials)
    pandas_gbq.to_gbq(frame, 'shop.other', project_id='theirs', if_exists='append')
    sql = 'SELECT sum(n) AS n FROM `theirs.shop.other`'
    assert pandas_gbq.read_gbq(sql, project_id='theirs')['n'].tolist() == [6]
