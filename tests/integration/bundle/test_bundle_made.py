"""What is in the bundle of a run that failed, and what is not."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def archive(made):
    with zipfile.ZipFile(made.archive) as archive:
        yield archive


def test_the_run_failed_as_it_should(made):
    assert [(one.code, one.block, one.line) for one in made.run.problems] == [
        ("block-failed", "judge", 33)
    ]
    assert "all is as it was" in made.run.problems[0].message


def test_two_bundles_of_a_run_are_the_same_byte_for_byte(made):
    assert made.archive.read_bytes() == made.again.read_bytes()


def test_the_manifest_names_each_member_with_size_and_digest(archive):
    manifest = json.loads(archive.read("manifest.json"))
    schema = json.loads((ROOT / "docs" / "bundle.schema.json").read_text("utf-8"))
    jsonschema.validate(manifest, schema)
    listed = {one["name"]: (one["size"], one["sha256"]) for one in manifest["members"]}
    there = {
        name: (len(archive.read(name)), hashlib.sha256(archive.read(name)).hexdigest())
        for name in archive.namelist()
        if name != "manifest.json"
    }
    assert listed == there
    assert (manifest["pipeline"], manifest["ok"]) == ("late_orders", False)
    assert manifest["left_out"] == []


def test_what_belongs_to_the_run_is_there(archive):
    names = set(archive.namelist())
    assert {
        "fixtures/http/rates/index.yaml",
        "fixtures/http/rates/today.json",
        "project/bundle_work/data_exporters/judge.py",
        "project/bundle_work/io_config.yaml",
        "outputs/found/output_0/data.parquet",
        "run/00/events.jsonl",
        "run/00/stderr.txt",
        "seeds/postgres/database.sql",
        "state/before/services/bigquery/shop.days.parquet",
        "state/before/services/bigquery/shop.days.sql",
        "state/before/services/gcs/lake/rates.csv",
    } <= names
    # A recording that was not asked for.
    assert not [name for name in names if "/other/" in name]
    asked = json.loads(archive.read("run.json"))
    assert asked["variables"] == {"region": "north", "api_token": "scrubbed"}
    assert json.loads(archive.read("settings.json"))["at"] == "2021-02-01T05:00:00Z"
    versions = json.loads(archive.read("versions.json"))
    assert f"mage-ai=={versions['mage']}" in versions["mage_packages"]
    assert any(one.startswith("duckdb==") for one in versions["harness_packages"])
    day = archive.read("state/before/services/bigquery/shop.days.sql").decode()
    assert "PARTITION BY `day`" in day


def test_secrets_are_taken_out(made, archive):
    every = b"\n".join(archive.read(name) for name in archive.namelist())
    for secret in (made.password, "AKIA" + "QWERTYUIOP234567", "Xy7-not-to-be-shown"):
        assert secret.encode() not in every
    manifest = json.loads(archive.read("manifest.json"))
    assert "run/00/stdout.txt" in manifest["scrubbed"]
    assert "the key is scrubbed" in archive.read("run/00/stdout.txt").decode()
    assert json.loads(archive.read("settings.json"))["secrets"] == {"rates_key": "scrubbed"}


def test_nothing_of_it_is_left_beside_the_services(made):
    assert "bundle" not in made.left
    assert made.archive.stat().st_mode & 0o777 == 0o600
