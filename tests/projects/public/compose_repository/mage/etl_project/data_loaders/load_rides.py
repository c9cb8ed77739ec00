import pandas as pd

from etl_project.utils.cleaning.columns import standardise

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@data_loader
def load_data(*args, **kwargs):
    url = f"https://s3.amazonaws.com/tripdata/{kwargs['city']}-{kwargs['month']}-citibike-tripdata.csv"
    df = pd.read_csv(url, parse_dates=['Start Time'])
    df.columns = standardise(df.columns)
    return df


@test
def test_output(output, *args) -> None:
    """
    Template code for testing the output of the block.
    """
    assert output is not None, 'The output is undefined'
