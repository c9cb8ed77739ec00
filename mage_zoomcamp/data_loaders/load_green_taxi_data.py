import pandas as pd

from mage_zoomcamp.utils.columns import check_columns, check_dates

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test

SOURCE = 'https://github.com/DataTalksClub/nyc-tlc-data/releases/download/green'

# The nullable Int64 keeps a whole number whole where some rows have none.
TAXI_DTYPES = {
    'VendorID': 'Int64',
    'store_and_fwd_flag': 'string',
    'RatecodeID': 'Int64',
    'PULocationID': 'Int64',
    'DOLocationID': 'Int64',
    'passenger_count': 'Int64',
    'trip_distance': 'float64',
    'fare_amount': 'float64',
    'extra': 'float64',
    'mta_tax': 'float64',
    'tip_amount': 'float64',
    'tolls_amount': 'float64',
    'ehail_fee': 'float64',
    'improvement_surcharge': 'float64',
    'total_amount': 'float64',
    'payment_type': 'Int64',
    'trip_type': 'Int64',
    'congestion_surcharge': 'float64',
}
PARSE_DATES = ['lpep_pickup_datetime', 'lpep_dropoff_datetime']


@data_loader
def load_green_taxi_data(*args, **kwargs):
    """
    Load some months of green taxi trips, as the TLC published them.

    Pipeline variables: year, and months as a list of numbers.
    """
    year = int(kwargs['year'])

    return pd.concat(
        [
            pd.read_csv(
                f'{SOURCE}/green_tripdata_{year}-{int(month):02d}.csv.gz',
                sep=',',
                compression='gzip',
                dtype=TAXI_DTYPES,
                parse_dates=PARSE_DATES,
            )
            for month in kwargs['months']
        ],
        ignore_index=True,
    )


@test
def test_all_columns(output, *args) -> None:
    check_columns(output, [*TAXI_DTYPES, *PARSE_DATES])


@test
def test_dates_are_parsed(output, *args) -> None:
    check_dates(output, PARSE_DATES)
