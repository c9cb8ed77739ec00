from __future__ import annotations

import json

import pytest
from google.api_core.exceptions import Forbidden

from mage_zoomcamp.utils.shared import validate_bigquery

DATASETS = "https://bigquery.googleapis.com/bigquery/v2/projects/some-project/datasets"
DATASET = f"{DATASETS}/ny_taxi"
FOUND = {
    "kind": "bigquery#dataset",
    "id": "some-project:ny_taxi",
    "datasetReference": {"projectId": "some-project", "datasetId": "ny_taxi"},
    "location": "EU",
}
MISSING = {
    "error": {
        "code": 404,
        "message": "Not found: Dataset some-project:ny_taxi",
        "errors": [{"reason": "notFound", "message": "Not found"}],
    }
}
TAKEN = {
    "error": {
        "code": 409,
        "message": "Already Exists: Dataset some-project:ny_taxi",
        "errors": [{"reason": "duplicate", "message": "Already Exists"}],
    }
}
FORBIDDEN = {
    "error": {
        "code": 403,
        "message": "Access Denied: Dataset some-project:ny_taxi",
        "errors": [{"reason": "accessDenied", "message": "Access Denied"}],
    }
}


def test_a_dataset_that_exists_is_left_as_it_is(google, asked, config):
    google.get(DATASET, json=FOUND)

    assert validate_bigquery(config, "ny_taxi") is False

    assert asked() == ["GET"]


def test_a_missing_dataset_is_made_in_the_project_and_at_the_location(google, config):
    google.get(DATASET, status=404, json=MISSING)
    made = google.post(DATASETS, json=FOUND)

    assert validate_bigquery(config, "ny_taxi") is True

    assert made.call_count == 1
    body = json.loads(made.calls[0].request.body)
    assert body["datasetReference"] == {"projectId": "some-project", "datasetId": "ny_taxi"}
    assert body["location"] == "EU"


def test_a_given_location_beats_the_profile(google, config):
    google.get(DATASET, status=404, json=MISSING)
    made = google.post(DATASETS, json=FOUND)

    validate_bigquery(config, "ny_taxi", location="US")

    assert json.loads(made.calls[0].request.body)["location"] == "US"


def test_a_second_call_makes_nothing(google, asked, config):
    google.get(DATASET, status=404, json=MISSING)
    google.post(DATASETS, json=FOUND)
    google.get(DATASET, json=FOUND)

    assert validate_bigquery(config, "ny_taxi") is True
    assert validate_bigquery(config, "ny_taxi") is False

    assert asked() == ["GET", "POST", "GET"]


def test_another_run_may_make_it_in_between(google, config):
    google.get(DATASET, status=404, json=MISSING)
    google.post(DATASETS, status=409, json=TAKEN)

    assert validate_bigquery(config, "ny_taxi") is False


def test_a_refusal_is_passed_on(google, config):
    google.get(DATASET, status=403, json=FORBIDDEN)

    with pytest.raises(Forbidden, match="Access Denied"):
        validate_bigquery(config, "ny_taxi")
