"""Places, options and what is not contacted where Mage runs in a container."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import psycopg2
import pytest

from harness.running.asked import Asked
from harness.running.session import Session
from harness.services.stack import Stack
from tests.integration.docker.probe import PROJECTS, ROOT, project

pytestmark = pytest.mark.docker


COMMAND = str(Path(sys.executable).parent / "mage-harness")


def command(*words: str, cwd: Path = ROOT, umask: int = -1, **variables: str):
    return subprocess.run(
        [COMMAND, *words],
        cwd=cwd,
        env={**os.environ, **variables},
        umask=umask,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_paths_with_spaces_and_letters_and_a_strict_umask(tmp_path) -> None:
    tmp = tmp_path / "t m p = ü,ro"
    tmp.mkdir()
    path = project(tmp_path / "my projects, all ñ", name="probe")
    done = command(
        "run", "--provider", "docker", "--project", str(path), umask=0o077, TMPDIR=str(tmp)
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert list(tmp.iterdir()) == []


def test_a_fixed_port_leads_to_postgres(settings) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Stack(settings.model_copy(update={"ports": {"postgres": port}})) as stack:
        stack.start(["postgres"])
        url = stack.postgres.url.replace(
            "{}:{}".format(*stack.postgres.listens_at), f"127.0.0.1:{port}"
        )
        assert str(port) in url
        with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT current_database()")
            assert cursor.fetchone() == (stack.postgres.database,)


def test_a_server_of_this_machine_is_reached_from_the_container(settings, tmp_path) -> None:
    path = project(
        tmp_path,
        """
        import psycopg2
        with psycopg2.connect(
            host=os.environ['POSTGRES_HOST'], port=os.environ['POSTGRES_PORT'],
            user=os.environ['POSTGRES_USER'], password=os.environ['POSTGRES_PASSWORD'],
            dbname=os.environ['POSTGRES_DBNAME'],
        ) as connection, connection.cursor() as cursor:
            cursor.execute('CREATE TABLE t AS SELECT generate_series(1, 7) AS a')
        """,
    )
    with Stack(settings.model_copy(update={"provider": "embedded"})) as outside:
        given = {"project": path, "postgres": outside.postgres.url}
        with Session(settings.model_copy(update=given)) as session:
            run = session.run("probe", asked=Asked(inventory=True))
            run.require_success()
            assert [(one.name, one.rows) for one in run.sinks] == [("public.t", 7)]
        assert outside.postgres.inventory() == []


def test_a_real_google_project_is_refused_in_words() -> None:
    done = command("run", "api_to_postgres", "--provider", "docker", "--real-google", "my-project")
    assert done.returncode in {2, 3}
    assert "Traceback" not in done.stderr
    assert "remedy:" in done.stderr
    assert "docker" in done.stderr.lower()


def test_the_engine_is_asked_only_where_something_runs(tmp_path) -> None:
    dead = f"unix://{tmp_path}/no.sock"
    chosen = {"DOCKER_HOST": dead, "MAGE_HARNESS_PROVIDER": "docker"}
    for words in (("list",), ("lint",), ("--help",)):
        done = command(*words, **chosen)
        assert done.returncode == 0, done.stderr
    done = command("run", "api_to_postgres", **chosen)
    assert done.returncode == 3
    assert f"{tmp_path}/no.sock" in done.stderr


def test_the_embedded_provider_never_imports_dockers_client() -> None:
    code = """
        import sys
        import harness, harness.plugin, harness.xdist, harness.cli.main
        from pathlib import Path
        from harness.running.session import Session
        from harness.settings import load_settings

        settings = load_settings(start=Path(sys.argv[1]), options={"provider": "embedded"})
        settings = settings.model_copy(update={"project": Path(sys.argv[2])})
        with Session(settings) as session:
            assert session.run("success").ok
        print([name for name in sys.modules if name.split(".")[0] in {"docker", "testcontainers"}])
        print([name for name in sys.modules if name.startswith("harness.services.docker.")])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(ROOT), str(PROJECTS / "success")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-2:] == ["[]", "[]"]
