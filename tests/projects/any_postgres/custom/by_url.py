import pandas as pd
from sqlalchemy import create_engine

URLS = (
    'postgresql://root:root@pgdatabase:5432/ny_taxi',
    'postgresql+psycopg2://postgres:postgres@localhost:5432/postgres',
    'postgresql://etl:s%40cret@shop.abc123.eu-west-1.rds.amazonaws.com/dwh?sslmode=require',
    'postgresql://owner:x@ep-cool-1.eu-central-1.aws.neon.tech/db?sslmode=require'
    '&options=endpoint%3Dep-cool-1',
)

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom

def by_url(*args, **kwargs):
    frame = pd.DataFrame({'n': [1, 2, 3]})
    for number, url in enumerate(URLS):
        engine = create_engine(url)
        frame.to_sql(f'by_url_{number}', engine, if_exists='replace', index=False)
        assert len(pd.read_sql(f'SELECT * FROM by_url_{number}', engine)) == 3
        engine.dispose()
