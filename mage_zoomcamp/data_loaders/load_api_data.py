import pandas as pd

from mage_zoomcamp.utils.columns import check_columns, check_dates

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test

SOURCE = 'https://github.com/DataTalksClub/nyc-tlc-data/releases/download/yellow'

# The nullable Int64 keeps a whole number whole where some rows have none: older records
# lack the passenger count, the rate code and the payment type.
TAXI_DTYPES = {
    'VendorID': 'Int64',
    'passenger_count': 'Int64',
    'trip_distance': 'float64',
    'RatecodeID': 'Int64',
    'store_and_fwd_flag': 'string',
    'PULocationID': 'Int64',
    'DOLocationID': 'Int64',
    'payment_type': 'Int64',
    'fare_amount': 'float64',
    'extra': 'float64',
    'mta_tax': 'float64',
    'tip_amount': 'float64',
    'tolls_amount': 'float64',
    'improvement_surcharge': 'float64',
    'total_amount': 'float64',
    'congestion_surcharge': 'float64',
}
PARSE_DATES = ['tpep_pickup_datetime', 'tpep_dropoff_datetime']


@data_loader
def load_data_from_api(*args, **kwargs):
    """
    Load one month of yellow taxi trips, as the TLC published them.

    Pipeline variables: year and month.
    """
    year, month = int(kwargs['year']), int(kwargs['month'])
    url = f'{SOURCE}/yellow_tripdata_{year}-{month:02d}.csv.gz'

    return pd.read_csv(
        url,
        sep=',',
        compression='gzip',
        dtype=TAXI_DTYPES,
        parse_dates=PARSE_DATES,
    )


@test
def test_all_columns(output, *args) -> None:
    check_columns(output, [*TAXI_DTYPES, *PARSE_DATES])


@test
def test_dates_are_parsed(output, *args) -> None:
    check_dates(output, PARSE_DATES)
