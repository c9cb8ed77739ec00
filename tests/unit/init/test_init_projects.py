"""What is written for each project that is here: valid, clean and repeatable."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from harness.contracts.reader import read_document
from harness.settings import load_settings

ROOT = Path(__file__).parents[3]
PROJECTS = [
    ROOT / "mage_zoomcamp",
    *(one for one in sorted((ROOT / "tests/projects").iterdir()) if (one / "pipelines").is_dir()),
]


@pytest.mark.parametrize("project", PROJECTS, ids=lambda one: one.name)
def test_what_is_written_can_be_read(repository, begin, project):
    root = repository(project)
    status, said = begin(root)
    assert status == 0, said
    for file in (root / "tests").glob("*.py") if (root / "tests").is_dir() else ():
        compile(file.read_text(), str(file), "exec")
        assert max(map(len, file.read_text().splitlines())) <= 100
    for file in (root / "fixtures").rglob("*.yaml"):
        assert read_document(file).contract.sinks()
    settings = load_settings(start=root)
    assert settings.project == root / project.name
    yaml.safe_load((root / ".github/workflows/mage-harness.yml").read_text())
    before = {file: file.read_bytes() for file in root.rglob("*") if file.is_file()}
    begin(root)
    assert {file: file.read_bytes() for file in root.rglob("*") if file.is_file()} == before


def test_all_that_is_written_is_clean_to_a_linter(repository, begin):
    for project in PROJECTS:
        root = repository(project, below=project.name)
        begin(root / project.name)
    ruff = [sys.executable, "-m", "ruff"]
    rules = ["--select", "ALL", "--ignore", "S101,INP001,ANN,CPY,D203,D213", "--isolated"]
    tests = [str(one) for one in root.rglob("test_*.py")]
    assert tests
    for command in ([*ruff, "check", *rules], [*ruff, "format", "--check", "--isolated"]):
        done = subprocess.run([*command, *tests], check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def test_the_taxi_project_gets_its_needs_contracts_and_questions(repository, begin):
    root = repository(ROOT / "mage_zoomcamp", below="deep/down")
    begin(root)
    section = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["mage-harness"]
    assert section["project"] == "deep/down/mage_zoomcamp"
    assert section["needs"] == {"gcs_to_bigquery": ["api_to_gcs"]}
    assert section["env"]["GCP_PROJECT"] == "{gcp_project}"
    contract = read_document(root / "fixtures/contracts/api_to_postgres.yaml").contract
    assert list(contract.sinks()) == [("postgres", "ny_taxi.yellow_cab_data")]
    test = (root / "tests/test_gcs_to_bigquery.py").read_text()
    assert test.index('mage.run("api_to_gcs")') < test.index('mage.run("gcs_to_bigquery"')
    asked = (root / "MAGE_HARNESS_QUESTIONS.md").read_text()
    assert "mage-harness record api_to_postgres" in asked
    assert "(`data_loaders/load_api_data.py:45`)" in asked
