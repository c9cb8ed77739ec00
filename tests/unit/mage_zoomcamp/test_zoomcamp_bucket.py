from __future__ import annotations

import json

import pytest

from mage_zoomcamp.utils.shared import SettingsError, taxi_bucket, validate_bucket

NAME = "some-project-yellowtaxi-bucket"
BUCKETS = "https://storage.googleapis.com/storage/v1/b"
BUCKET = f"{BUCKETS}/{NAME}"
FOUND = {"kind": "storage#bucket", "name": NAME, "location": "EU"}
MISSING = {"error": {"code": 404, "message": "The specified bucket does not exist."}}
TAKEN = {"error": {"code": 409, "message": "The requested bucket name is not available."}}
FORBIDDEN = {"error": {"code": 403, "message": "no storage.buckets.get access"}}


def test_the_bucket_is_named_after_the_project():
    assert taxi_bucket() == NAME


def test_another_bucket_can_be_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TAXI_BUCKET", "my-own-bucket")
    assert taxi_bucket() == "my-own-bucket"


def test_a_bucket_that_exists_is_left_as_it_is(google, asked, config):
    google.get(BUCKET, json=FOUND)

    assert validate_bucket(config, NAME) is False

    assert asked() == ["GET"]


def test_a_missing_bucket_is_made_in_the_project_and_at_the_location(google, asked, config):
    google.get(BUCKET, status=404, json=MISSING)
    made = google.post(BUCKETS, json=FOUND)

    assert validate_bucket(config, NAME) is True

    assert made.call_count == 1
    request = made.calls[0].request
    assert request.params["project"] == "some-project"
    body = json.loads(request.body)
    assert (body["name"], body["location"]) == (NAME, "EU")
    assert request.headers["Authorization"] == "Bearer t"


def test_a_given_location_beats_the_profile(google, config):
    google.get(BUCKET, status=404, json=MISSING)
    made = google.post(BUCKETS, json=FOUND)

    validate_bucket(config, NAME, location="US")

    assert json.loads(made.calls[0].request.body)["location"] == "US"


def test_a_second_call_makes_nothing(google, asked, config):
    google.get(BUCKET, status=404, json=MISSING)
    google.post(BUCKETS, json=FOUND)
    google.get(BUCKET, json=FOUND)

    assert validate_bucket(config, NAME) is True
    assert validate_bucket(config, NAME) is False

    assert asked() == ["GET", "POST", "GET"]


def test_another_run_may_make_it_in_between(google, config):
    google.get(BUCKET, status=404, json=MISSING)
    google.post(BUCKETS, status=409, json=TAKEN)
    google.get(BUCKET, json=FOUND)

    assert validate_bucket(config, NAME) is False


def test_a_name_that_is_taken_by_somebody_else(google, config):
    google.get(BUCKET, status=404, json=MISSING)
    google.post(BUCKETS, status=409, json=TAKEN)
    google.get(BUCKET, status=403, json=FORBIDDEN)

    with pytest.raises(SettingsError, match=f"{NAME} may not be used: it belongs to another"):
        validate_bucket(config, NAME)


def test_a_bucket_that_may_not_be_seen_belongs_to_somebody_else(google, config):
    google.get(BUCKET, status=403, json=FORBIDDEN)

    with pytest.raises(SettingsError, match=f"{NAME} may not be used: it belongs to another"):
        validate_bucket(config, NAME)
