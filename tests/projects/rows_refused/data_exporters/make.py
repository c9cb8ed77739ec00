from google.cloud import bigquery

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export(*args, **kwargs):
    client = bigquery.Client()
    client.create_dataset('shop', exists_ok=True)
    table = bigquery.Table(f'{client.project}.shop.orders', [bigquery.SchemaField('n', 'INTEGER')])
    table = client.create_table(table)
    client.insert_rows_json(table, [{'n': 'not a number'}])
