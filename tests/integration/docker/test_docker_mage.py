"""Mage's container: what images, blocks, paths and accidents do to a run in it."""

from __future__ import annotations

import os
import threading
import time

import pytest

from harness.errors import ServiceError
from harness.running.asked import Asked
from harness.running.session import Session
from harness.services.stack import Stack
from tests.integration.docker.probe import (
    BOUND,
    container_of,
    line_of,
    project,
    require_ended,
    said,
)
from tests.patience import patiently

pytestmark = pytest.mark.docker


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
    run = patiently(
        lambda deadline: one.run("probe", asked=Asked(deadline=deadline)),
        until=lambda run: "in load" in run.process.stacks,
        least=15.0,
    )
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
