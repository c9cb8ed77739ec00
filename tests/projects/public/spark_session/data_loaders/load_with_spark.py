import pyspark
from pyspark.sql import SparkSession

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@data_loader
def load_data(*args, **kwargs):
    spark = SparkSession.builder.master("local[*]").appName('test').getOrCreate()
    df = spark.read.option("header", "true").csv('/home/src/data/fhvhv_tripdata_2021-01.csv')
    df.createOrReplaceTempView('trips')
    return spark.sql('SELECT hvfhs_license_num, count(1) AS trips FROM trips GROUP BY 1').toPandas()


@test
def test_output(output, *args) -> None:
    """
    Template code for testing the output of the block.
    """
    assert output is not None, 'The output is undefined'
