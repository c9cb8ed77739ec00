import os
from time import time

import pandas as pd
from sqlalchemy import create_engine

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


user = 'root'
password = 'root'
host = 'pgdatabase'
port = '5432'
db = 'ny_taxi'
table_name = 'yellow_taxi_trips'
url = 'https://github.com/DataTalksClub/nyc-tlc-data/releases/download/yellow/yellow_tripdata_2021-02.csv.gz'


@custom
def ingest(*args, **kwargs):
    csv_name = 'output.csv.gz'
    os.system(f'curl -fsSL {url} -o {csv_name}')

    engine = create_engine(f'postgresql://{user}:{password}@{host}:{port}/{db}')

    df_iter = pd.read_csv(csv_name, iterator=True, chunksize=4)
    df = next(df_iter)
    df.tpep_pickup_datetime = pd.to_datetime(df.tpep_pickup_datetime)
    df.head(n=0).to_sql(name=table_name, con=engine, if_exists='replace', index=False)
    df.to_sql(name=table_name, con=engine, if_exists='append', index=False)

    while True:
        try:
            t_start = time()
            df = next(df_iter)
            df.tpep_pickup_datetime = pd.to_datetime(df.tpep_pickup_datetime)
            df.to_sql(name=table_name, con=engine, if_exists='append', index=False)
            print('inserted another chunk, took %.3f second' % (time() - t_start))
        except StopIteration:
            print('Finished ingesting data into the postgres database')
            break
    return {'table': table_name}


@test
def test_output(output, *args) -> None:
    """
    Template code for testing the output of the block.
    """
    assert output is not None, 'The output is undefined'
