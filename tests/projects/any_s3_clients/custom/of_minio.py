import io

from minio import Minio

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def of_minio(*args, **kwargs):
    client = Minio('minio:9000', access_key='minioadmin', secret_key='minioadmin', secure=False)
    if not client.bucket_exists('bucket-of-minio'):
        client.make_bucket('bucket-of-minio')
    content = b'a,b\n1,2\n'
    client.put_object('bucket-of-minio', 'n.csv', io.BytesIO(content), len(content))
    assert client.get_object('bucket-of-minio', 'n.csv').read() == content
