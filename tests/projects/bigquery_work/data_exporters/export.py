from os import path

from google.api_core.exceptions import Conflict
from mage_ai.io.bigquery import BigQuery
from mage_ai.io.config import ConfigFileLoader
from mage_ai.settings.repo import get_repo_path

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export(df, *args, **kwargs):
    config = ConfigFileLoader(path.join(get_repo_path(), 'io_config.yaml'), 'default')
    bigquery = BigQuery.with_config(config)
    project = bigquery.default_database()
    bigquery.client.create_dataset('shop')

    # Each word of if_exists.
    bigquery.export(df.copy(), 'shop.replaced', if_exists='replace')
    bigquery.export(df.head(2).copy(), f'{project}.shop.replaced', if_exists='replace')
    bigquery.export(df.copy(), 'shop.appended', if_exists='append')
    bigquery.export(df.copy(), 'shop.appended', if_exists='append')
    bigquery.export(df.copy(), 'shop.kept', if_exists='fail')
    try:
        bigquery.export(df.copy(), 'shop.kept', if_exists='fail')
        raise AssertionError('a table that is there was written')
    except Conflict:
        pass

    # The client's own words for it, and types of one's own.
    bigquery.export(df.copy(), 'shop.truncated', write_disposition='WRITE_TRUNCATE')
    bigquery.export(df.head(1).copy(), 'shop.truncated', write_disposition='WRITE_TRUNCATE')
    bigquery.export(
        df[['id', 'price']].copy(),
        'shop.typed',
        overwrite_types={'id': 'INTEGER', 'price': 'FLOAT'},
    )
    bigquery.export({'id': 1, 'words': ['x', 'y']}, 'shop.one_row')

    # Rows that are there already are changed, others added.
    bigquery.export(df.copy(), 'shop.merged')
    bigquery.export(
        df.head(1).assign(id=9).copy(),
        'shop.merged',
        if_exists='append',
        unique_conflict_method='UPDATE',
        unique_constraints=['id'],
    )
    bigquery.export(
        df.head(1).assign(price=100.0).copy(),
        'shop.merged',
        if_exists='append',
        unique_conflict_method='UPDATE',
        unique_constraints=['id'],
    )

    # A query instead of rows.
    bigquery.export(None, 'shop.of_query', query_string='SELECT id FROM shop.kept', if_exists='append')
    bigquery.export(None, 'shop.of_query', query_string='SELECT id FROM shop.kept', if_exists='append')

    wider = df.rename(columns={'kind of trip': 'kind_of_trip'}).assign(tip=1)
    bigquery.alter_table(wider, 'shop.kept', database=project)
