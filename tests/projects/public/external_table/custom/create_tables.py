from google.cloud import bigquery

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


STATEMENTS = [
    """
    CREATE OR REPLACE EXTERNAL TABLE `ny-rides-alexey-396910.trips_data_all.external_fhv`
    OPTIONS (
      format = 'PARQUET',
      uris = ['gs://dtc-data-lake-fhv/fhv/fhv_tripdata_2019-*.parquet']
    )
    """,
    """
    CREATE OR REPLACE TABLE `ny-rides-alexey-396910.trips_data_all.fhv_partitioned`
    PARTITION BY DATE(pickup_datetime)
    CLUSTER BY dispatching_base_num AS
    SELECT * FROM `ny-rides-alexey-396910.trips_data_all.external_fhv`
    """,
]


@custom
def create(*args, **kwargs):
    client = bigquery.Client.from_service_account_json('/home/src/personal-gcp.json')
    client.create_dataset('ny-rides-alexey-396910.trips_data_all', exists_ok=True)
    for statement in STATEMENTS:
        client.query(statement).result()
    return len(STATEMENTS)


@test
def test_output(output, *args) -> None:
    """
    Template code for testing the output of the block.
    """
    assert output is not None, 'The output is undefined'
