import logging

import boto3
from botocore.exceptions import ClientError

if 'custom' not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def uploads(*args, **kwargs):
    client = boto3.client('s3')
    try:
        client.copy_object(Bucket='lake', Key='copy.csv', CopySource='lake/never.csv')
    except ClientError as error:
        logging.error(error)
