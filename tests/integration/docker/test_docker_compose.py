"""mage-container.yml, as the README says to use it: Mage and Postgres for interactive work."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import urllib.request
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

from harness.services.http import RecordedHttp

pytestmark = pytest.mark.docker

ROOT = Path(__file__).resolve().parents[3]
FACTS = json.loads((ROOT / "fixtures/http/nyc_tlc/facts.json").read_text("utf-8"))
PROJECT = "mage_zoomcamp"
GATEWAY = "host.docker.internal"


@dataclass(frozen=True, kw_only=True)
class Compose:
    """Compose on a copy of the checkout, under a name of its own."""

    client: tuple[str, ...]
    name: str
    folder: Path
    image: str

    def __call__(self, *words: str, check: bool = True) -> str:
        files = ("-f", "mage-container.yml", "-f", "override.yml")
        done = run(*self.client, "-p", self.name, *files, *words, cwd=self.folder)
        if check and done.returncode != 0:
            said = f"{done.stdout}\n{done.stderr}"
            pytest.fail(f"compose {' '.join(words)} ended with {done.returncode}:\n{said}")
        return done.stdout.strip()

    def address(self, service: str, port: int) -> tuple[str, int]:
        host, _, published = self("port", service, str(port)).rpartition(":")
        return host, int(published)


def run(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    # What the README's reader has not set must not decide: a variable beats the .env file.
    kept = ("PATH", "HOME", "DOCKER_HOST", "DOCKER_BUILDKIT", "DOCKER_CONFIG", "XDG_RUNTIME_DIR")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return subprocess.run(
        words, cwd=cwd, env=environment, check=False, capture_output=True, text=True, timeout=600
    )


def client() -> tuple[str, ...]:
    for words in (("docker", "compose"), ("docker-compose",)):
        if shutil.which(words[0]) and run(*words, "version").returncode == 0:
            return words
    pytest.fail(
        "Compose is not there: neither 'docker compose' nor 'docker-compose' runs.\n"
        "Install the package docker-compose-plugin, docker-compose-v2 or docker-compose; "
        "'.ci/engine start' does it on Debian, as root."
    )


def bridge() -> str:
    """The address of this machine that containers know as host.docker.internal."""
    if "Docker Desktop" in run("docker", "info", "--format", "{{.OperatingSystem}}").stdout:
        return "127.0.0.1"
    words = (
        "--rm",
        "--add-host",
        f"{GATEWAY}:host-gateway",
        "postgres:16",
        "getent",
        "hosts",
        GATEWAY,
    )
    return run("docker", "run", *words).stdout.split()[0]


@contextmanager
def checkout(folder: Path, name: str, variables: dict[str, str], proxy_folder: str):
    """A checkout in which `cp dev.env .env` was done; the pipeline's source is a recording."""
    for file in ("Dockerfile", ".dockerignore", "mage-container.yml", "dev.env"):
        shutil.copy(ROOT / file, folder / file)
    shutil.copytree(ROOT / PROJECT, folder / PROJECT)
    lines = (folder / "dev.env").read_text("utf-8")
    ports = "MAGE_PORT=0\nPOSTGRES_PUBLISHED_PORT=0\n"
    (folder / ".env").write_text(lines + ports, "utf-8")
    override = {
        "services": {
            "mage": {
                "image": name,
                "environment": variables,
                "extra_hosts": [f"{GATEWAY}:host-gateway"],
                "volumes": [f"{proxy_folder}:{proxy_folder}:ro"],
            }
        }
    }
    (folder / "override.yml").write_text(json.dumps(override), "utf-8")  # JSON is YAML
    compose = Compose(client=client(), name=name, folder=folder, image=name)
    try:
        yield compose
    finally:
        # Mage is root in its container and writes into the project; the folder is ours to remove.
        owner = f"{os.getuid()}:{os.getgid()}"
        compose("exec", "-T", "mage", "chown", "-R", owner, f"/home/src/{PROJECT}", check=False)
        compose("down", "--volumes", "--remove-orphans", "--timeout", "2", check=False)
        run("docker", "rmi", "--force", name)


@pytest.fixture(scope="module")
def compose(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkout")
    name = f"mage-harness-compose-{secrets.token_hex(4)}"
    http = RecordedHttp(
        fixtures=ROOT / "fixtures",
        folder=tmp_path_factory.mktemp("proxy"),
        host=GATEWAY,
        bind=bridge(),
        direct=lambda: ("postgres",),
    )
    with closing_service(http):
        variables = dict(http.environment())
        proxy_folder = str(Path(variables["SSL_CERT_FILE"]).parent)
        with checkout(folder, name, variables, proxy_folder) as compose:
            compose("build")
            compose("up", "--detach")
            yield compose
    left = [
        kind
        for kind in ("container", "volume", "network")
        if run(
            "docker", kind, "ls", "--quiet", "--filter", f"label=com.docker.compose.project={name}"
        ).stdout
    ]
    assert left == []


@contextmanager
def closing_service(service: RecordedHttp):
    try:
        service.start()
        yield
    finally:
        service.stop()


def healthy(compose: Compose) -> dict:
    """What Mage's health endpoint says, asked until the container ends or Docker gives it up."""
    container = compose("ps", "--quiet", "mage")
    state = "{{.State.Status}} {{.State.Health.Status}}"
    while True:
        found = run("docker", "inspect", "--format", state, container).stdout.split()
        if found == ["running", "healthy"]:
            break
        if found[:1] != ["running"] or found[1:] == ["unhealthy"]:
            pytest.fail(f"Mage is {' '.join(found)}:\n{compose('logs', '--tail=40', 'mage')}")
        subprocess.run(["sleep", "0.5"], check=True)
    host, port = compose.address("mage", 6789)
    with urllib.request.urlopen(f"http://{host}:{port}/api/status", timeout=30) as answer:
        assert answer.status == 200
        return json.load(answer)


def test_a_machine_without_compose_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(pytest.fail.Exception, match="Install the package"):
        client()


def test_mage_answers_at_its_health_endpoint(compose):
    (status,) = healthy(compose)["statuses"]

    assert status["repo_path"] == f"/home/src/{PROJECT}"
    assert status["scheduler_status"] == "running"


def test_both_ports_are_open_to_this_machine_only(compose):
    assert compose.address("mage", 6789)[0] == "127.0.0.1"
    assert compose.address("postgres", 5432)[0] == "127.0.0.1"


def test_postgres_accepts_the_dev_profile(compose):
    code = (
        "from mage_ai.io.config import ConfigFileLoader\n"
        "from mage_ai.io.postgres import Postgres\n"
        f"settings = ConfigFileLoader('{PROJECT}/io_config.yaml', 'dev')\n"
        "with Postgres.with_config(settings) as database:\n"
        "    print('rows', database.load('select 41 + 1 as answer').answer.tolist())\n"
    )
    said = compose("exec", "-T", "mage", "python3", "-c", code)

    assert "rows [42]" in said


def test_the_pipeline_ends_with_its_rows_in_postgres(compose):
    said = compose("exec", "-T", "mage", "mage", "run", PROJECT, "api_to_postgres")

    assert "Pipeline run completed" in said
    host, port = compose.address("postgres", 5432)
    with (
        closing(
            psycopg2.connect(
                host=host, port=port, dbname="postgres", user="postgres", password="postgres"
            )
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "select count(*), count(*) filter (where passenger_count > 0)"
            " from ny_taxi.yellow_cab_data"
        )
        assert cursor.fetchone() == (FACTS["rows_with_passengers"],) * 2
