"""Bad input gives one clear error with its remedy, and the right exit status."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
COMMAND = Path(sys.executable).parent / "mage-harness"


def run(*arguments: str, cwd: Path = ROOT, **env: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [str(COMMAND), *arguments],
        cwd=cwd,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "mage_zoomcamp", tmp_path / "mage_zoomcamp"))


def require(result: tuple[int, str, str], status: int, *texts: str) -> None:
    found, out, err = result
    assert "Traceback" not in err + out
    assert found == status, err
    for text in texts:
        assert text.lower() in err.lower()
    assert "remedy:" in err


def test_a_project_that_is_not_there(tmp_path: Path) -> None:
    require(run("run", "--project", str(tmp_path / "nothing")), 2, "nothing")


def test_a_folder_that_is_no_mage_project(tmp_path: Path) -> None:
    require(run("run", "--project", str(tmp_path)), 2, str(tmp_path))


def test_malformed_yaml_is_named_with_its_line(project: Path) -> None:
    metadata = project / "pipelines" / "api_to_gcs" / "metadata.yaml"
    metadata.write_text(metadata.read_text() + "\nvariables: [unclosed\n")
    require(run("run", "api_to_gcs", "--project", str(project)), 2, "api_to_gcs/metadata.yaml:")


def test_malformed_yaml_is_not_passed_over_when_all_are_run(project: Path) -> None:
    metadata = project / "pipelines" / "api_to_gcs" / "metadata.yaml"
    metadata.write_text("blocks: [unclosed\n")
    require(run("run", "--project", str(project)), 2, "api_to_gcs/metadata.yaml:")
    status, out, _ = run("list", "--project", str(project))
    assert (status, "unreadable" in out) == (0, True)


def test_a_malformed_io_config_is_named_with_its_line(project: Path) -> None:
    (project / "io_config.yaml").write_text("default: [unclosed\n")
    require(run("run", "api_to_gcs", "--project", str(project)), 2, "io_config.yaml:")


def test_facts_that_cannot_be_written_are_known_before_the_run(tmp_path: Path) -> None:
    require(run("run", "api_to_gcs", "--json", str(tmp_path / "no" / "x.json")), 2, "x.json")
    require(run("run", "api_to_gcs", "--json", str(tmp_path)), 2, str(tmp_path))
    require(run("run", "api_to_gcs", "--json", "/dev/full"), 3, "/dev/full", "space")


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system can be mounted by root only")
@pytest.mark.parametrize("what", ["TMPDIR", "MAGE_HARNESS_CACHE"])
def test_a_full_disk(tmp_path: Path, what: str) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip("this sandbox mounts nothing")
    try:
        (small / "fill").write_bytes(b"x" * 900_000)
        require(run("run", "api_to_postgres", **{what: str(small)}), 3, "full")
    finally:
        subprocess.run(["umount", str(small)], check=True)


@pytest.mark.parametrize("port", ["postgres=99999", "postgres=-1", "postgres=soon"])
def test_a_number_that_is_no_port(port: str) -> None:
    require(run("run", "api_to_gcs", "--port", port), 2, "--port")


def test_one_port_for_two_services() -> None:
    result = run("run", "api_to_gcs", "--port", "postgres=5555", "--port", "gcs=5555")
    require(result, 2, "same port", "5555")


def test_a_profile_that_is_no_mapping(project: Path) -> None:
    (project / "io_config.yaml").write_text("version: 0.1.1\ndefault:\n  A: 1\ndev: x\n")
    require(run("run", "api_to_postgres", "--project", str(project)), 2, "io_config.yaml:4", "dev")


def test_an_output_that_nobody_reads_or_that_is_full() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [str(COMMAND), "list"],
            cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (3, False)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [str(COMMAND), "list"],
        cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_pipeline_that_does_not_exist_names_the_nearest() -> None:
    require(run("run", "api_to_postgre"), 2, "api_to_postgre", "api_to_postgres")


def test_an_unset_variable_of_io_config(project: Path) -> None:
    config = project / "io_config.yaml"
    config.write_text(config.read_text().replace("GCS_LOCATION", "NOBODY_SETS_THIS"))
    require(
        run("run", "api_to_gcs", "--project", str(project)),
        2,
        "NOBODY_SETS_THIS",
        "io_config.yaml:",
        "[tool.mage-harness.env]",
    )


@pytest.mark.parametrize("assignment", ["month", "=1", "mo nth=1"])
def test_a_variable_that_is_no_assignment(assignment: str) -> None:
    require(run("run", "api_to_gcs", "--var", assignment), 2, "name=value")


def test_a_variable_that_no_pipeline_knows() -> None:
    require(run("run", "api_to_gcs", "--var", "mnth=2"), 2, "mnth", "month")


def test_a_deadline_that_is_no_time() -> None:
    status, _, err = run("run", "api_to_gcs", "--deadline", "0")
    assert (status, "Traceback" in err) == (2, False)
    assert "deadline" in err


@pytest.mark.parametrize("service", ["postgres", "gcs", "bigquery", "http"])
def test_a_port_that_is_taken(service: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        require(run("run", "api_to_gcs", "--port", f"{service}={port}"), 3, str(port), service)


def test_an_unknown_option_is_bad_usage() -> None:
    status, _, err = run("run", "--nonsense")
    assert status == 2
    assert "--nonsense" in err


def test_an_unknown_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.mage-harness]\nprojekt = 'x'\n")
    require(run("list", cwd=tmp_path), 2, "projekt", "pyproject.toml")


def test_help_teaches() -> None:
    status, out, _ = run("run", "--help")
    assert status == 0
    for word in ("--project", "--var", "--deadline", "--json", "--file", "--port"):
        assert word in out
