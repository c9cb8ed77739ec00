"""The checks of each client, run by pytest in the client's own environment."""

from __future__ import annotations

from pathlib import Path

import pytest

CHECKS = Path(__file__).parent / "checks"
ENVIRONMENTS = {
    "check_dlt.py": "clients",
    "check_ibis.py": "ibis",
    "check_pandas_gbq.py": "clients",
    "check_polars.py": "clients",
    "check_sqlalchemy.py": "clients",
}


def test_each_file_of_checks_is_run() -> None:
    assert sorted(ENVIRONMENTS) == sorted(path.name for path in CHECKS.glob("check_*.py"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_client(name: str, environment, tmp_path) -> None:
    client = environment(ENVIRONMENTS[name])
    ini = CHECKS / "pytest.ini"
    done = client.run(
        ["-m", "pytest", "-c", str(ini), f"--basetemp={tmp_path / 'checks'}", str(CHECKS / name)],
        folder=tmp_path,
    )
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout.splitlines()[-1], done.stdout
