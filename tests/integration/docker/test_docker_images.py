"""The contracts that the images keep, whether official or stand-ins."""

from __future__ import annotations

import gzip
import os
import secrets
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.docker

BUILD = Path(__file__).resolve().parents[3] / "docker" / "build.py"
MAGE = "mageai/mageai:0.9.80"
POSTGRES = "postgres:16"
GCS = "fsouza/fake-gcs-server:1.54.0"


def docker(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["docker", *words], check=check, capture_output=True, text=True, timeout=120
    )


@pytest.fixture
def container():
    """Start a container in the background; it goes with its volumes when the test ends."""
    started = []

    def start(*words: str) -> str:
        name = f"mage-harness-contract-{secrets.token_hex(4)}"
        started.append(name)
        docker("run", "--detach", "--name", name, *words)
        return name

    yield start
    if started:
        docker("rm", "--force", "--volumes", *started, check=False)


def until(name: str, text: str, times: int = 1) -> str:
    """The log of a container, once it holds a text so often."""
    while True:
        running = docker("inspect", "--format", "{{.State.Running}}", name).stdout.strip()
        done = docker("logs", name)
        log = done.stdout + done.stderr
        if log.count(text) >= times:
            return log
        assert running == "true", log
        time.sleep(0.1)


def psql(name: str, query: str, *words: str) -> str:
    command = ("psql", "--no-psqlrc", "--no-align", "--tuples-only", *words, "-c", query)
    return docker("exec", name, *command).stdout.strip()


READY = "database system is ready to accept connections"


def test_postgres_is_made_as_the_variables_say(container):
    name = container(
        *("--tmpfs", "/var/lib/postgresql/data"),
        *("-e", "POSTGRES_USER=al", "-e", "POSTGRES_DB=My-DB", "-e", "POSTGRES_PASSWORD=o'n $e \\"),
        *("-e", "POSTGRES_INITDB_ARGS=--data-checksums --locale=C"),
        *(POSTGRES, "-c", "fsync=off", "-c", "application_name=two words"),
    )
    log = until(name, READY, times=2)

    assert log.index("init process complete") > log.index(READY)
    user = ("--username=al", "--dbname=My-DB")
    for setting, value in {
        "fsync": "off",
        "data_checksums": "on",
        "listen_addresses": "*",
        "password_encryption": "scram-sha-256",
    }.items():
        assert psql(name, f"show {setting}", *user) == value
    assert psql(name, "select rolsuper from pg_roles where rolname = 'al'", *user) == "t"
    assert psql(name, "select count(*) from pg_roles where rolname = 'postgres'", *user) == "0"
    assert docker("exec", name, "stat", "-c", "%u", "/proc/1").stdout.strip() == "999"


def test_postgres_asks_for_the_password_over_tcp(container):
    password = "o'n $e \\"
    name = container("-e", f"POSTGRES_PASSWORD={password}", POSTGRES)
    until(name, READY, times=2)
    host = docker("exec", name, "hostname", "-i").stdout.strip()
    login = ("psql", "--no-password", "-h", host, "-U", "postgres", "-c", "select 1")

    assert docker("exec", "-e", f"PGPASSWORD={password}", name, *login).returncode == 0
    assert docker("exec", "-e", "PGPASSWORD=wrong", name, *login, check=False).returncode == 2


def test_postgres_runs_the_scripts_of_its_user(container, tmp_path):
    tmp_path.chmod(0o755)
    (tmp_path / "1.sql").write_text("create table said (word text);")
    (tmp_path / "2.sql.gz").write_bytes(gzip.compress(b"insert into said values ('gz');"))
    script = tmp_path / "3.sh"
    script.write_text(
        "#!/bin/bash\nset -e\n"
        'psql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "insert into said values (\'sh\')"\n'
    )
    script.chmod(0o755)
    (tmp_path / "4.sh").write_text("docker_process_sql -c \"insert into said values ('.')\"\n")
    (tmp_path / "password").write_text("secret\n")
    for file in tmp_path.iterdir():
        file.chmod(file.stat().st_mode | 0o444)
    name = container(
        *("-v", f"{tmp_path}:/docker-entrypoint-initdb.d:ro"),
        *("-e", "POSTGRES_PASSWORD_FILE=/docker-entrypoint-initdb.d/password", POSTGRES),
    )
    until(name, READY, times=2)

    words = psql(name, "select string_agg(word, ' ') from said", "--username=postgres")
    assert words == "gz sh ."


def test_postgres_is_not_made_anew_on_data_that_are_there(container):
    name = container("-e", "POSTGRES_PASSWORD=secret", POSTGRES)
    until(name, READY, times=2)
    psql(name, "create table kept ()", "--username=postgres")
    docker("stop", name)
    assert docker("inspect", "--format", "{{.State.ExitCode}}", name).stdout.strip() == "0"
    docker("start", name)
    log = until(name, READY, times=3)

    assert "Skipping initialization" in log
    assert psql(name, "select count(*) from kept", "--username=postgres") == "0"


def test_postgres_without_a_password_says_so():
    done = docker("run", "--rm", POSTGRES, check=False)

    assert done.returncode == 1
    assert "superuser password is not specified" in done.stderr
    assert docker("run", "--rm", POSTGRES, "id", "-u").stdout.strip() == "0"
    assert " 16." in docker("run", "--rm", POSTGRES, "--version").stdout


def test_fake_gcs_server_takes_options_and_seeds(container, tmp_path):
    tmp_path.chmod(0o755)
    options = ("-scheme", "http", "-port", "80", "-backend", "memory", "-public-host", "127.0.0.1")
    (tmp_path / "bucket").mkdir()
    (tmp_path / "bucket" / "object.txt").write_text("content")
    name = container("-v", f"{tmp_path}:/data:ro", "-p", "127.0.0.1::80", GCS, *options)
    until(name, "server started")
    address = docker("port", name, "80").stdout.split()[0]
    with urllib.request.urlopen(f"http://{address}/bucket/object.txt", timeout=30) as answer:
        assert answer.read() == b"content"


@pytest.mark.parametrize("user", ["0:0", f"{os.getuid()}:{os.getgid()}", "12345:12345"])
def test_mage_runs_as_any_user(user):
    code = "import mage_ai, psycopg2, google.cloud.bigquery, google.cloud.storage, sshtunnel"
    home = ("-e", "HOME=/tmp", "-e", "PYTHONWARNINGS=ignore")
    done = docker("run", "--rm", "--user", user, *home, MAGE, "python3", "-c", code, check=False)

    assert done.returncode == 0, done.stderr


def test_mage_is_laid_out_as_the_official_image_is():
    code = "command -v mage && pwd && echo $MAGE_DATA_DIR $PYTHONPATH && test -x /app/run_app.sh"
    done = docker("run", "--rm", MAGE, "sh", "-c", code)

    assert done.stdout.split() == [
        "/usr/local/bin/mage",
        "/home/src",
        "/home/src/mage_data",
        ":/home/src",
    ]


def test_the_images_are_there_and_nothing_is_done_for_them_again():
    done = subprocess.run([BUILD], check=True, capture_output=True, text=True)

    assert done.stdout.count(" there\n") == 4
