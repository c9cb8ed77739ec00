import mysql.connector

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom

PLACES = (
    {'host': 'localhost', 'user': 'root', 'password': 'root', 'database': 'shop'},
    {'host': 'host.docker.internal', 'port': 3307, 'user': 'u', 'password': 'p', 'db': 'dwh'},
    {'host': '10.0.0.5', 'user': 'u', 'password': 'p', 'database': 'dwh', 'use_pure': True, 'ssl_ca': '/home/src/ca.pem'},
)


@custom
def by_connector(*args, **kwargs):
    for number, place in enumerate(PLACES):
        connection = mysql.connector.connect(**place)
        cursor = connection.cursor()
        cursor.execute(f'CREATE TABLE by_connector_{number} (n INT UNSIGNED, t TIMESTAMP)')
        rows = [(n, '2021-01-31 00:00:00') for n in range(3)]
        cursor.executemany(f'INSERT INTO by_connector_{number} VALUES (%s, %s)', rows)
        connection.commit()
        connection.close()
