"""Mage's container: what images, blocks, paths and accidents do to a run in it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import psycopg2
import pytest

from harness.errors import EnvironmentNotAbleError, HarnessError, InputError, ServiceError
from harness.running.asked import Asked
from harness.running.session import Session
from harness.services.stack import Stack

pytestmark = pytest.mark.docker

ROOT = Path(__file__).parents[3]
PROJECTS = ROOT / "tests" / "projects"
COMMAND = str(Path(sys.executable).parent / "mage-harness")
NO_PYTHON = "fsouza/fake-gcs-server:1.54.0"
BOUND = 120.0
BLOCK = """\
import ctypes, json, os, signal, socket, subprocess, sys, time
import pandas as pd

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader


@data_loader
def load(*args, **kwargs):
    said = {{}}
{code}
    print('SAID' + json.dumps(said), flush=True)
    return pd.DataFrame({{'a': [1]}})
"""
PIPELINE = """\
name: {name}
uuid: {name}
type: python
blocks:
- name: load
  uuid: load
  type: data_loader
  language: python
  upstream_blocks: []
  downstream_blocks: []
"""


def project(folder: Path, code: str = "pass", *, name: str = "probe") -> Path:
    """A project of one pipeline of one block, which runs the code."""
    path = folder / name
    (path / "pipelines" / name).mkdir(parents=True)
    (path / "data_loaders").mkdir()
    (path / "metadata.yaml").write_text("project_type: standalone\nhelp_improve_mage: false\n")
    (path / "pipelines" / name / "metadata.yaml").write_text(PIPELINE.format(name=name))
    body = textwrap.indent(textwrap.dedent(code).strip(), "    ")
    (path / "data_loaders" / "load.py").write_text(BLOCK.format(code=body))
    return path


def line_of(path: Path, text: str) -> int:
    lines = (path / "data_loaders" / "load.py").read_text().splitlines()
    (number,) = [number for number, line in enumerate(lines, start=1) if text in line]
    return number


def said(run) -> dict:
    (line,) = [line for line in run.stdout.splitlines() if "SAID{" in line]
    return json.loads(line.partition("SAID")[2])


@pytest.fixture(scope="module")
def settings(mage_settings):
    return mage_settings.model_copy(
        update={"provider": "docker", "project": PROJECTS / "success", "env": {}, "env_file": None}
    )


@pytest.fixture(scope="module")
def stack(settings):
    with Stack(settings) as stack:
        yield stack


@pytest.fixture
def session(settings, stack, tmp_path):
    """Makes a session of a project with one block, in the containers that all tests share."""

    def make(code: str) -> Session:
        path = project(tmp_path, code)
        return Session(settings.model_copy(update={"project": path}), stack=stack)

    return make


def container_of(stack: Stack):
    return stack._provider.world.engine.client.containers.get(stack.mage.id)


def commands_in(stack: Stack) -> list[str]:
    return [line[-1] for line in container_of(stack).top(ps_args="-o pid,args")["Processes"]]


def require_ended(stack: Stack, text: str = "mage run") -> None:
    """The supervisor's own end comes just after that of the run."""
    until = time.monotonic() + BOUND
    while any(text in line for line in commands_in(stack)):
        assert time.monotonic() < until, commands_in(stack)
        time.sleep(0.05)


# What blocks do


def test_a_block_is_the_user_who_runs_the_harness_and_may_write_where_it_could(
    session, stack
) -> None:
    run = session(
        """
        said['user'] = [os.getuid(), os.getgid()]
        said['home'] = os.path.expanduser('~')
        said['written'] = []
        for place in ('/tmp', os.path.expanduser('~'), os.getcwd(), os.environ['TMPDIR']):
            with open(os.path.join(place, 'probe.txt'), 'w') as file:
                file.write('x')
            said['written'].append(place)
        said['mode'] = os.stat('probe.txt').st_mode & 0o777
        said['mounts'] = [line.split()[1] for line in open('/proc/mounts')]
        said['gateway'] = subprocess.run(
            ['getent', 'hosts', 'host.docker.internal'], capture_output=True, text=True, timeout=60
        ).stdout.split()[0]
        try:
            open('/mage-harness/probe.txt', 'w')
        except OSError as error:
            said['tap'] = error.strerror
        """
    ).run("probe")
    run.require_success()
    found = said(run)
    assert found["user"] == [os.getuid(), os.getgid()]
    assert len(found["written"]) == 4
    assert found["home"].startswith(str(stack.folder))
    assert found["mode"] == 0o600
    assert str(stack.folder) in found["mounts"]
    assert found["tap"] == "Read-only file system"
    assert found["gateway"] == stack._provider.world.host


def test_nothing_gets_out_by_any_way_and_what_the_tap_sees_is_told(session) -> None:
    run = session(
        """
        def fails(name, *command):
            done = subprocess.run(command, capture_output=True, timeout=60)
            said[name] = done.returncode

        clean = ('env', '-u', 'http_proxy', '-u', 'https_proxy', '-u', 'HTTP_PROXY',
                 '-u', 'HTTPS_PROXY', '-u', 'PYTHONPATH')
        look = 'import socket, sys; socket.getaddrinfo(sys.argv[1], 5432)'
        fails('address', *clean, 'curl', '--noproxy', '*', '-sm', '30', 'http://192.0.2.1/')
        fails('public', *clean, 'curl', '--noproxy', '*', '-sm', '30', 'http://1.1.1.1/')
        fails('name', *clean, 'curl', '--noproxy', '*', '-sm', '30', 'http://example.com/')
        fails('getent', *clean, 'getent', 'hosts', 'db.example.com')
        fails('python', *clean, 'python3', '-S', '-c', look, 'db.example.com')
        fails('single', *clean, 'python3', '-S', '-c', look, 'warehouse')

        address = bytes([2, 0]) + (80).to_bytes(2, 'big') + socket.inet_aton('192.0.2.1') + bytes(8)
        libc = ctypes.CDLL(None, use_errno=True)
        with socket.socket() as plain:
            plain.settimeout(None)
            said['libc'] = libc.connect(plain.fileno(), address, 16)

        import psycopg2
        try:
            # Not by `connect`, which is led to the private server.
            psycopg2.extensions.connection('host=db.example.com connect_timeout=30')
        except psycopg2.OperationalError as error:
            said['libpq'] = str(error)
        """
    ).run("probe", asked=Asked(deadline=100))
    found = said(run)
    assert found.pop("libpq")
    assert found.pop("libc") == -1
    assert {name for name, status in found.items() if status == 0} == set()
    run.require_success()


def test_much_output_and_output_that_is_no_text(session) -> None:
    run = session(
        """
        os.write(1, bytes(range(128, 256)) + b'\\n')
        os.write(2, b'\\xff\\xfe\\n')
        piece = b'x' * 999 + b'\\n'
        for _ in range(100):
            rest = piece * 1000
            while rest:
                rest = rest[os.write(1, rest):]
        """
    ).run("probe")
    run.require_success()
    assert run.process.stdout.stat().st_size > 100_000_000
    assert "�" in run.stderr
    assert said(run) == {}


def test_signals_at_the_first_process_do_not_end_the_container(session, stack) -> None:
    before = stack.mage.id
    run = session(
        """
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            os.kill(1, number)
        time.sleep(0.2)
        """
    ).run("probe")
    run.require_success()
    assert stack.mage.id == before
    assert container_of(stack).status == "running"


def test_a_block_that_is_killed_is_told_of_as_elsewhere(session) -> None:
    run = session("os.kill(os.getpid(), signal.SIGKILL)").run("probe")
    assert run.process.exit_status == -9
    assert not run.ok
    assert run.problems[0].block == "load"


def test_a_block_that_ends_its_supervisor_is_one_clear_error_and_the_next_run_is_well(
    session, stack, tmp_path, settings
) -> None:
    with pytest.raises(ServiceError, match="supervisor in the Mage container has ended by itself"):
        session("os.kill(os.getppid(), signal.SIGKILL); time.sleep(300)").run("probe")
    require_ended(stack)
    other = settings.model_copy(update={"project": project(tmp_path / "next")})
    assert Session(other, stack=stack).run("probe").ok


def test_a_daemon_of_a_block_does_not_hold_the_run(session, stack) -> None:
    run = session("subprocess.Popen(['sleep', '4321'], start_new_session=True)").run("probe")
    run.require_success()
    require_ended(stack)


def test_a_child_of_a_block_ends_with_the_run(session, stack) -> None:
    run = session("subprocess.Popen(['sleep', '5432'])").run("probe")
    run.require_success()
    require_ended(stack, "5432")


def test_a_deadline_shows_where_the_run_was(session, stack) -> None:
    one = session("time.sleep(5000)")
    run = one.run("probe", asked=Asked(deadline=15))
    (problem,) = run.problems
    assert (problem.code, problem.block, problem.file) == (
        "deadline",
        "load",
        "data_loaders/load.py",
    )
    assert problem.line == line_of(one.project.path, "time.sleep(5000)")
    assert "in load" in run.process.stacks
    require_ended(stack)


def in_a_run(stack: Stack) -> bool:
    return any(stack.folder.glob("runs/*/*/events.jsonl"))


def once(stack: Stack, action) -> threading.Thread:
    """Do something as soon as the run writes events."""

    def wait() -> None:
        until = time.monotonic() + BOUND
        while not in_a_run(stack) and time.monotonic() < until:
            time.sleep(0.05)
        action()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_ctrl_c_ends_the_processes_in_the_container(session, stack) -> None:
    import _thread

    one = session("time.sleep(5000)")
    one.reset()
    thread = once(stack, _thread.interrupt_main)
    with pytest.raises(KeyboardInterrupt):
        one.run("probe")
    thread.join()
    require_ended(stack)


@pytest.mark.parametrize("how", ["kill", "remove"])
def test_a_container_that_goes_in_the_middle_is_one_clear_error(settings, tmp_path, how) -> None:
    path = project(tmp_path, "time.sleep(5000)")
    with Session(settings.model_copy(update={"project": path})) as session:
        session.stack.start()
        container = container_of(session.stack)
        act = container.kill if how == "kill" else lambda: container.remove(force=True)
        thread = once(session.stack, act)
        with pytest.raises(ServiceError, match="container of mage does not do its work"):
            session.run("probe")
        thread.join()
        folder = session.stack.folder
    assert not folder.exists()


# Images


@contextlib.contextmanager
def mage_of(settings, **changed):
    with Stack(settings.model_copy(update=changed)) as stack:
        stack.start(["mage"])
        yield stack


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (NO_PYTHON, "has no python3"),
        ("mage-harness-nowhere.invalid/mage:1", "mage-harness-nowhere.invalid/mage:1"),
        ("Not A Name", "Not A Name"),
    ],
)
def test_an_image_that_cannot_be_mages(settings, image, words) -> None:
    with (
        pytest.raises(HarnessError, match=words) as caught,
        mage_of(settings, images={"mage": image}),
    ):
        pass
    assert isinstance(caught.value, EnvironmentNotAbleError | InputError)
    assert "remedy:" in str(caught.value)


def test_an_image_without_mage(settings, tmp_path) -> None:
    path = project(tmp_path)
    (path / "Dockerfile").write_text(
        "ARG MAGE_IMAGE\nFROM ${MAGE_IMAGE}\nUSER root\nRUN rm $(command -v mage)\n"
    )
    with (
        pytest.raises(EnvironmentNotAbleError, match="mage cannot be started"),
        Session(settings.model_copy(update={"project": path})) as session,
    ):
        session.run("probe")


def test_a_dockerfile_that_fails_names_the_step(settings, tmp_path) -> None:
    path = project(tmp_path)
    (path / "Dockerfile").write_text(
        "ARG MAGE_IMAGE\nFROM ${MAGE_IMAGE}\nRUN echo so it goes && exit 3\n"
    )
    with (
        pytest.raises(HarnessError, match=r"image of probe cannot be built(?s:.*)so it goes"),
        mage_of(settings, project=path),
    ):
        pass


def test_the_dockerfile_the_arguments_and_the_variables_of_the_image(settings, tmp_path) -> None:
    path = project(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    (other / "My.Dockerfile").write_text(
        "ARG MAGE_IMAGE\nFROM ${MAGE_IMAGE}\nARG PROJECT_NAME\nARG WORD\n"
        "ENV SAID=${PROJECT_NAME}/${WORD}\n"
    )
    chosen = {"dockerfile": other / "My.Dockerfile", "build_args": {"WORD": "two words"}}
    with mage_of(settings, project=path, **chosen) as stack:
        assert stack.mage.variables["SAID"] == "probe/two words"


def test_a_dockerfile_that_is_named_and_not_there(settings, tmp_path) -> None:
    with (
        pytest.raises(InputError, match="there is no Dockerfile"),
        mage_of(settings, dockerfile=tmp_path / "Dockerfile"),
    ):
        pass


@pytest.mark.parametrize("requirements", [None, "", "# nothing\n", "pandas\n"])
def test_a_project_without_a_dockerfile(settings, tmp_path, requirements) -> None:
    path = project(tmp_path)
    if requirements is not None:
        (path / "requirements.txt").write_text(requirements)
    with mage_of(settings, project=path) as stack:
        image = container_of(stack).attrs["Config"]["Image"]
        assert image.startswith("mage-harness/" if requirements == "pandas\n" else "mageai/mageai:")


# Places, options and what is not contacted


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
