from google.cloud import bigquery

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def make(*args, **kwargs):
    client = bigquery.Client()
    dataset = bigquery.Dataset(f'{client.project}.shop')
    dataset.location = 'EU'
    client.create_dataset(dataset)
    client.query(
        'CREATE TABLE shop.t AS '
        'SELECT x, DATETIME "2021-01-31" AS dt FROM UNNEST(GENERATE_ARRAY(1, 1000)) AS x'
    ).result()
