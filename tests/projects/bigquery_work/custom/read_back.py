from os import path

import pandas as pd
from mage_ai.io.bigquery import BigQuery
from mage_ai.io.config import ConfigFileLoader
from mage_ai.settings.repo import get_repo_path

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def read_back(*args, **kwargs):
    config = ConfigFileLoader(path.join(get_repo_path(), 'io_config.yaml'), 'default')
    bigquery = BigQuery.with_config(config)

    loaded = bigquery.load('SELECT id, kind_of_trip, price, taken FROM shop.kept ORDER BY id;')
    assert loaded['id'].tolist() == [1, 2, 3]
    assert loaded['kind_of_trip'].tolist()[:2] == ['a', 'b']
    assert len(bigquery.load('SELECT * FROM shop.kept', limit=2)) == 2
    assert len(bigquery.sample('shop', 'kept', 2)) == 2

    bigquery.execute('CREATE TABLE shop.executed AS SELECT 1 AS id')
    bigquery.execute('INSERT INTO shop.executed (id) VALUES (2), (3)')
    first, second = bigquery.execute_queries(
        ['SELECT MAX(id) AS highest FROM shop.executed', 'SELECT 1 AS one'],
        fetch_query_at_indexes=[True, True],
    )
    assert first['highest'].tolist() == [3]
    assert second['one'].tolist() == [1]
    return pd.DataFrame({'rows': [len(loaded)]})
