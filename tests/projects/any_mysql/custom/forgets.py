import mysql.connector

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def forgets(*args, **kwargs):
    connection = mysql.connector.connect(host='db', user='root', password='root', database='shop')
    cursor = connection.cursor()
    cursor.execute('CREATE TABLE orders (id INT PRIMARY KEY, n TINYINT)')
    cursor.execute('INSERT INTO orders VALUES (1, 1)')
    connection.commit()
    try:
        cursor.execute('INSERT INTO orders VALUES (1, 2)')
    except Exception as error:
        print(error)
    connection.commit()
    cursor.execute('INSERT INTO orders VALUES (2, 2)')
    connection.close()
