from mage_ai.settings.repo import get_repo_path
from mage_ai.io.bigquery import BigQuery
from mage_ai.io.config import ConfigFileLoader
from os import path

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@data_loader
def load_data_from_big_query(*args, **kwargs):
    query = """
        SELECT dispatching_base_num, COUNT(DISTINCT PUlocationID) AS places, COUNT(*) AS trips
        FROM `ny-rides-alexey-396910.trips_data_all.fhv_partitioned`
        WHERE DATE(pickup_datetime) BETWEEN '2019-01-01' AND '2019-02-28'
        GROUP BY dispatching_base_num
        ORDER BY trips DESC
    """
    config_path = path.join(get_repo_path(), 'io_config.yaml')
    return BigQuery.with_config(ConfigFileLoader(config_path, 'default')).load(query)


@test
def test_output(output, *args) -> None:
    """
    Template code for testing the output of the block.
    """
    assert output is not None, 'The output is undefined'
