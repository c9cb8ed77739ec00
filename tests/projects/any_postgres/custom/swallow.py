import psycopg2

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def swallow(*args, **kwargs):
    connection = psycopg2.connect('postgresql://root:root@pgdatabase:5432/ny_taxi')
    try:
        connection.cursor().execute('SELECT * FROM not_there')
    except Exception as error:
        print(error)
