"""What several blocks share: the bucket's name, and buckets and datasets made when missing."""

from os import environ, path

from google.api_core.exceptions import Conflict, Forbidden, NotFound
from google.cloud import bigquery, storage
from google.oauth2 import service_account
from pyarrow import fs

KEY_FILE = 'GOOGLE_SERVICE_ACC_KEY_FILEPATH'
LOCATION = 'GOOGLE_LOCATION'
SCOPES = ['https://www.googleapis.com/auth/cloud-platform']


class SettingsError(ValueError):
    """A setting that Google Cloud needs is missing or cannot be used."""


def gcp_project() -> str:
    """Return the Google Cloud project, from GCP_PROJECT."""
    project = environ.get('GCP_PROJECT')
    if not project:
        raise SettingsError(
            'The Google Cloud project is missing: set GCP_PROJECT, for example in .env.'
        )
    return project


def taxi_bucket() -> str:
    """Return the name of the bucket that holds the taxi data: TAXI_BUCKET, or the project's own."""
    return environ.get('TAXI_BUCKET') or f'{gcp_project()}-yellowtaxi-bucket'


def key_file(config) -> str:
    """
    Return the path of the service account key.

    Args:
        config: A profile of io_config.yaml, such as ConfigFileLoader gives.
    """
    file = _setting(config, KEY_FILE)
    if file is None:
        raise SettingsError(
            'The service account key is missing: set KEY_DEST, for example in .env, '
            f'to the path of the key file. io_config.yaml reads it as {KEY_FILE}.'
        )
    if not path.isfile(file):
        raise SettingsError(
            f'The service account key is missing: there is no file {file}. '
            'Put the key there, or correct KEY_DEST.'
        )
    return file


def validate_bucket(config, bucket_name: str, location: str = None) -> bool:
    """
    Check that a bucket exists, and make it if not. Safe to call twice, and from two runs at once.

    Args:
        config: A profile of io_config.yaml, such as ConfigFileLoader gives.
        bucket_name: The bucket.
        location: Where to make it; GOOGLE_LOCATION of the profile if not given.

    Returns:
        Whether the bucket was made.
    """
    client = storage.Client(project=gcp_project(), credentials=_credentials(config))
    try:
        if client.lookup_bucket(bucket_name) is not None:
            return False
        try:
            client.create_bucket(bucket_name, location=location or _location(config))
        except Conflict:
            # Bucket names are shared by the whole world: either another run has just made it,
            # or it belongs to somebody else, and then it may not be read.
            client.get_bucket(bucket_name)
            return False
    except Forbidden as error:
        raise SettingsError(
            f'The bucket {bucket_name} may not be used: it belongs to another project, or the '
            'service account lacks a permission. Choose another GCP_PROJECT, or give the '
            f'account the role Storage Admin. {error}'
        ) from error
    print(f'Created the bucket {bucket_name}')
    return True


def taxi_filesystem(config) -> fs.GcsFileSystem:
    """
    Return Google Cloud Storage as pyarrow sees it, with the taxi bucket in it.

    Args:
        config: A profile of io_config.yaml, such as ConfigFileLoader gives.
    """
    validate_bucket(config, taxi_bucket())
    # pyarrow reads the key from here only.
    environ['GOOGLE_APPLICATION_CREDENTIALS'] = key_file(config)
    return fs.GcsFileSystem()


def validate_bigquery(config, dataset_name: str, location: str = None) -> bool:
    """
    Check that a dataset exists, and make it if not. Safe to call twice, and from two runs at once.

    Args:
        config: A profile of io_config.yaml, such as ConfigFileLoader gives.
        dataset_name: The dataset, in the project GCP_PROJECT.
        location: Where to make it; GOOGLE_LOCATION of the profile if not given.

    Returns:
        Whether the dataset was made.
    """
    project = gcp_project()
    client = bigquery.Client(project=project, credentials=_credentials(config))
    dataset = bigquery.Dataset(f'{project}.{dataset_name}')
    try:
        client.get_dataset(dataset.reference)
        return False
    except NotFound:
        dataset.location = location or _location(config)
    try:
        client.create_dataset(dataset)
    except Conflict:
        return False
    print(f'Created the dataset {project}.{dataset_name}')
    return True


def _credentials(config):
    file = key_file(config)
    try:
        return service_account.Credentials.from_service_account_file(file, scopes=SCOPES)
    except ValueError as error:
        raise SettingsError(
            f'{file} is not a service account key: {error}. '
            'Download a key in JSON format for a service account, and let KEY_DEST name it.'
        ) from error


def _location(config) -> str:
    location = _setting(config, LOCATION)
    if location is None:
        raise SettingsError(
            'The location is missing: set GCS_LOCATION, for example in .env, to EU or US. '
            f'io_config.yaml reads it as {LOCATION}.'
        )
    return location


def _setting(config, name: str):
    value = config[name] if name in config else None
    # An unset variable arrives as the word None, because io_config.yaml is a template.
    return None if value in (None, '', 'None') else value
