import pandas as pd
from sqlalchemy import create_engine, text

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def by_url(*args, **kwargs):
    engine = create_engine('mysql+mysqlconnector://etl:s%40cret@shop.abc123.eu-west-1.rds.amazonaws.com/dwh')
    frame = pd.DataFrame({'n': [1, 2, 3], 'price': [1.5, 2.5, None]})
    frame.to_sql('by_url', engine, if_exists='replace', index=False)
    assert len(pd.read_sql('SELECT * FROM by_url', engine)) == 3
    with engine.connect() as connection:
        connection.execute(text('UPDATE by_url SET n = n + 1'))
        connection.commit()
    engine.dispose()
