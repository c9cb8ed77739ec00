"""What a contract exports to dbt, run by dbt itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.contracts.draft import contract_of
from harness.contracts.export import Target, exported
from harness.contracts.facts import facts_of
from harness.contracts.model import Contract

PROJECT = Path(__file__).parent / "dbt_project"
TABLES = """
CREATE SCHEMA ny_taxi;
CREATE TABLE ny_taxi.trips AS
SELECT id, IF(MOD(id, 2) = 0, 'N', "it's a \\\\ \\n") AS flag, MOD(id, 3) AS zone, id > 3 AS late,
  IF(id = 1, NULL, 'x') AS note
FROM UNNEST(GENERATE_ARRAY(1, 12)) AS id;
"""


@pytest.mark.slow
def test_dbt_tests_what_a_contract_says(environment, stub, tmp_path) -> None:
    with stub.client() as client:
        client.query_and_wait(TABLES)
    facts = facts_of({"bigquery": stub}, "bigquery", "ny_taxi.trips")
    contract = Contract.model_validate(contract_of("taxi", [facts]))

    folder = tmp_path / "shop"
    folder.mkdir()
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / name, folder)
    (folder / "models").mkdir()
    (folder / "models" / "contracts.yml").write_text(exported([contract], to=Target.DBT), "utf-8")
    dbt = environment("dbt")
    program = str(dbt.python.parent / "dbt")

    def run(*arguments: str):
        return dbt.run([program, *arguments, "--profiles-dir", "."], folder=folder)

    done = run("test")
    assert done.returncode == 0, done.stdout
    # id: not_null, unique; flag, zone and late: not_null, accepted_values; note: the last.
    assert "PASS=9" in done.stdout
    assert "ERROR=0" in done.stdout

    with stub.client() as client:
        client.query_and_wait("INSERT INTO ny_taxi.trips VALUES (1, 'lost', 7, TRUE, NULL)")
    spoilt = run("test")
    assert spoilt.returncode == 1
    assert "ERROR=3" in spoilt.stdout, "the id is there twice, flag and zone have other values"
