import io

import boto3
import pandas as pd
from botocore.client import Config
from botocore.exceptions import ClientError

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def of_boto3(*args, **kwargs):
    clients = (
        boto3.client('s3'),
        boto3.Session(profile_name='theirs').client('s3', region_name='eu-central-1'),
        boto3.client(
            's3',
            endpoint_url='http://minio:9000',
            aws_access_key_id='minioadmin',
            aws_secret_access_key='minioadmin',
            config=Config(signature_version='s3v4'),
        ),
        boto3.resource('s3', endpoint_url='https://s3.example.com').meta.client,
    )
    for number, client in enumerate(clients):
        body = io.BytesIO()
        pd.DataFrame({'n': [number]}).to_parquet(body)
        client.put_object(Bucket='bucket-of-boto3', Key=f'n/{number}.parquet', Body=body.getvalue())
    try:
        clients[0].head_bucket(Bucket='bucket-of-nobody')
    except ClientError as error:
        assert error.response['Error']['Code'] == '404'
    try:
        clients[0].get_object(Bucket='bucket-of-boto3', Key='never')
    except clients[0].exceptions.NoSuchKey:
        pass
