from google.api_core.exceptions import NotFound
from mage_ai.settings.repo import get_repo_path
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.google_cloud_storage import GoogleCloudStorage
from os import path

from mage_zoomcamp.utils.shared import gcp_project, key_file, taxi_bucket

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@data_loader
def load_from_google_cloud_storage(*args, **kwargs):
    """
    Load the trips that the pipeline api_to_gcs wrote.
    """
    config_path = path.join(get_repo_path(), 'io_config.yaml')
    config_profile = 'default'
    config = ConfigFileLoader(config_path, config_profile)
    key_file(config)

    bucket_name = taxi_bucket()
    object_key = 'nyc_taxi_data.parquet'

    client = GoogleCloudStorage.with_config(config, project=gcp_project())
    # Mage gives an empty frame for an object that is not there.
    try:
        found = client.exists(bucket_name, object_key)
    except NotFound:
        found = False
    if not found:
        raise FileNotFoundError(
            f'gs://{bucket_name}/{object_key} does not exist: run the pipeline api_to_gcs first.'
        )
    return client.load(
        bucket_name,
        object_key,
    )


@test
def test_output(output, *args) -> None:
    assert len(output) > 0, 'There are no trips'
