from __future__ import annotations

import pytest

from mage_zoomcamp.utils.shared import SettingsError, key_file, validate_bigquery, validate_bucket

KEY_FILE = "GOOGLE_SERVICE_ACC_KEY_FILEPATH"
LOCATION = "GOOGLE_LOCATION"
BUCKET = "https://storage.googleapis.com/storage/v1/b/b"
DATASET = "https://bigquery.googleapis.com/bigquery/v2/projects/some-project/datasets/d"

pytestmark = pytest.mark.parametrize(
    "validate",
    [pytest.param(validate_bucket, id="bucket"), pytest.param(validate_bigquery, id="bigquery")],
)


@pytest.mark.parametrize("value", [None, ""])
def test_the_project_is_missing(monkeypatch, asked, config, validate, value):
    if value is None:
        monkeypatch.delenv("GCP_PROJECT")
    else:
        monkeypatch.setenv("GCP_PROJECT", value)

    with pytest.raises(SettingsError, match="project is missing: set GCP_PROJECT"):
        validate(config, "x")

    assert asked() == []


# io_config.yaml is a template: a variable that is not set becomes the word None.
@pytest.mark.parametrize("value", ["absent", None, "", "None"])
def test_the_key_is_not_set(google, asked, config, validate, value):
    if value == "absent":
        del config[KEY_FILE]
    else:
        config[KEY_FILE] = value

    with pytest.raises(SettingsError, match="key is missing: set KEY_DEST"):
        validate(config, "x")

    assert asked() == []


def test_the_key_file_is_not_there(google, asked, config, validate, tmp_path):
    config[KEY_FILE] = str(tmp_path / "no-such.json")

    with pytest.raises(SettingsError, match=r"there is no file .*no-such\.json"):
        validate(config, "x")

    assert asked() == []


def test_the_null_device_that_stands_for_no_key_is_not_a_key(google, config, validate):
    config[KEY_FILE] = "/dev/null"

    with pytest.raises(SettingsError, match="there is no file /dev/null"):
        validate(config, "x")


@pytest.mark.parametrize("content", ["", "not json", "{}", '{"type": "authorized_user"}'])
def test_the_key_file_holds_something_else(google, config, key_path, validate, content):
    key_path.write_text(content)

    with pytest.raises(SettingsError, match=r"key\.json is not a service account key"):
        validate(config, "x")


def test_a_key_that_can_be_used(config, key_path, validate):
    assert key_file(config) == str(key_path)


@pytest.mark.parametrize("value", ["absent", None, "", "None"])
def test_the_location_is_missing_and_needed(google, config, validate, value):
    google.get(BUCKET.removesuffix("/b") + "/x", status=404, json={})
    google.get(DATASET.removesuffix("/d") + "/x", status=404, json={})
    if value == "absent":
        del config[LOCATION]
    else:
        config[LOCATION] = value

    with pytest.raises(SettingsError, match="location is missing: set GCS_LOCATION"):
        validate(config, "x")


def test_the_location_is_missing_and_not_needed(google, config, validate):
    google.get(BUCKET.removesuffix("/b") + "/x", json={"name": "x"})
    google.get(
        DATASET.removesuffix("/d") + "/x",
        json={"datasetReference": {"projectId": "some-project", "datasetId": "x"}},
    )
    del config[LOCATION]

    assert validate(config, "x") is False
