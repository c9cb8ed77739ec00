import boto3

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def of_new_boto3(*args, **kwargs):
    bucket = boto3.resource('s3', region_name='eu-west-1').Bucket('bucket-of-todays-boto3')
    with open('big.bin', 'wb') as file:
        file.write(b'0123456789abcdef' * (1 << 20))
    bucket.upload_file('big.bin', 'big.bin')
    assert [one.size for one in bucket.objects.all()] == [1 << 24]
