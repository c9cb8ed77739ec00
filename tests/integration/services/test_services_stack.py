"""The stack as a whole: side by side, in parts, ended in every way."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from harness.errors import EnvironmentNotAbleError, ServiceError, SettingsError
from harness.machine import watchdog
from harness.services.embedded.gcs import GcsServer
from harness.services.google import GoogleIdentity
from harness.services.protocol import Service
from harness.services.stack import Stack
from harness.settings import Settings

QUICK = ("postgres", "gcs", "google")


@pytest.fixture
def settings(tmp_path):
    return Settings(fixtures=tmp_path / "fixtures")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    with Stack(Settings(fixtures=tmp_path_factory.mktemp("fixtures"))) as stack:
        stack.start()
        yield stack


def leavings():
    """Private folders of any harness on this machine."""
    places = {Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"), Path("/dev/shm")}
    return {entry for place in places if place.is_dir() for entry in place.glob("mage-harness-*")}


def folders(stack):
    tenancies = [
        getattr(getattr(one, "server", one), "_tenancy", None) for one in stack.services.values()
    ]
    return [str(stack.folder), *(str(one.folder) for one in tenancies if one)]


def pids(token):
    return watchdog.carriers(token)


def family(pid):
    """A process and those below it; servers begin some that end in a moment."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def ports_of(process):
    try:
        connections = process.net_connections("inet")
    except psutil.NoSuchProcess:
        return []
    return [one.laddr.port for one in connections if one.status == "LISTEN"]


def runs(process):
    try:
        return process.is_running() and process.status() != "zombie"
    except psutil.NoSuchProcess:
        return False


def wait_until(check, seconds=60.0):
    until = time.monotonic() + seconds
    while not check():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def test_all_five_services_keep_the_protocol(whole):
    assert set(whole.services) == {"postgres", "gcs", "bigquery", "google", "http"}
    for name, service in whole.services.items():
        assert isinstance(service, Service), name
        assert service.name == name


def test_environment_overlay_and_values_lead_to_the_services(whole):
    environment, overlay, values = whole.environment(), whole.overlay(), whole.values()
    assert environment["POSTGRES_PORT"] == values["postgres_port"] == overlay["POSTGRES_PORT"]
    assert environment["STORAGE_EMULATOR_HOST"] == values["gcs_endpoint"]
    assert environment["BIGQUERY_EMULATOR_HOST"] == values["bigquery_endpoint"]
    assert overlay["GOOGLE_SERVICE_ACC_KEY_FILEPATH"] == values["key_file"]
    assert environment["GOOGLE_CLOUD_PROJECT"] == values["gcp_project"] == "harness-project"
    assert environment["HTTPS_PROXY"].startswith("http://127.0.0.1:")
    assert set(values) == {
        *("key_file", "key_json", "gcp_project", "gcs_endpoint", "gcs_bucket", "bigquery_endpoint"),
        "bigquery_dataset",
        *("postgres_host", "postgres_port", "postgres_user", "postgres_password"),
        "postgres_database",
    }


PIPELINE = """
import pyarrow as pa, pyarrow.parquet as pq, psycopg2, os
from google.cloud import bigquery, storage
from pyarrow import fs
storage.Client().create_bucket("taxi")
pq.write_table(pa.table({"a": [1, 2]}), "taxi/x.parquet", filesystem=fs.GcsFileSystem())
connection = psycopg2.connect("")
connection.cursor().execute("CREATE TABLE t (a int)")
connection.commit()
connection.close()
client = bigquery.Client()
client.create_dataset("ny")
client.query("CREATE TABLE ny.t AS SELECT 1 AS a").result()
"""


def test_a_pipelines_clients_find_everything_by_the_environment_alone(whole):
    whole.reset()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PIPELINE],
        env=whole.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [(sink.service, sink.name, sink.rows) for sink in whole.inventory()] == [
        ("bigquery", "ny.t", 1),
        ("gcs", "taxi/x.parquet", 2),
        ("postgres", "public.t", 0),
    ]
    assert whole.incidents(0) == []
    whole.reset()
    assert whole.inventory() == []


def test_incidents_of_all_services_come_in_order(whole):
    whole.reset()
    code = """
        import psycopg2, urllib.request
        for _ in range(2):
            try:
                psycopg2.connect("").cursor().execute("boom")
            except psycopg2.Error:
                pass
            try:
                urllib.request.urlopen("http://127.0.0.1:%s/download/storage/v1/b/b/o/x?alt=media")
            except OSError:
                pass
    """
    code = textwrap.dedent(code) % whole.gcs.port
    subprocess.run([sys.executable, "-c", code], env=whole.environment(), check=True)
    assert [one.service for one in whole.incidents(0)] == ["postgres", "gcs", "postgres", "gcs"]


def test_a_service_starts_when_it_is_asked_for_and_once(settings):
    told = []
    with Stack(settings, progress=told.append) as stack:
        assert stack.services == {}
        assert stack.environment() == {}
        first = stack.google
        assert stack.google is first
        stack.start(["google", "gcs"])
        assert stack.google is first
        assert set(stack.services) == {"google", "gcs"}
        assert told == ["starting google", "google is ready", "starting gcs", "gcs is ready"]
        with pytest.raises(ValueError, match="no service named redis"):
            stack.start(["redis"])
    assert stack.services == {}


def test_what_a_service_needs_is_started_with_it(settings):
    with Stack(settings) as stack:
        assert stack.bigquery is not None
        assert set(stack.services) == {"gcs", "bigquery"}


def test_two_stacks_in_one_process_never_meet(settings):
    with Stack(settings) as one, Stack(settings) as two:
        one.start(["postgres", "gcs"])
        two.start(["postgres", "gcs"])
        one.postgres.execute("CREATE TABLE t (a int)")
        with_client = one.gcs.client()
        with_client.create_bucket("mine")
        with_client.close()
        assert two.inventory() == []
        assert two.gcs.buckets() == []
        assert one.postgres.password != two.postgres.password
        two.reset()
        assert [sink.name for sink in one.inventory()] == ["public.t"]


def test_a_stopped_stack_leaves_nothing_and_can_start_again(settings):
    before = leavings()
    stack = Stack(settings)
    for _ in range(2):
        stack.start(QUICK)
        token = stack.guardian.token
        assert len(pids(token)) >= 2
        mine = [one for one in folders(stack) if Path(one).parent != stack.folder]
        assert len(mine) == 3
        # What another harness on this machine makes meanwhile has another token.
        marked = {one for one in leavings() - before if _is_marked(one, token)}
        assert {Path(one) for one in mine} <= marked
        stack.stop()
        assert pids(token) == []
        assert not any(one.exists() for one in marked)
        assert not any(_is_marked(one, token) for one in leavings() - before)
    stack.stop()


def test_when_one_does_not_start_the_others_are_stopped_and_one_error_surfaces(
    settings, monkeypatch
):
    stopped = []
    real = GcsServer.stop
    monkeypatch.setattr(GcsServer, "stop", lambda self: (stopped.append(self), real(self)))
    error = ServiceError("the sign-in broke")

    def broken(self):
        raise error

    monkeypatch.setattr(GoogleIdentity, "start", broken)
    with Stack(settings) as stack:
        with pytest.raises(ServiceError) as caught:
            stack.start(QUICK)
        assert caught.value is error
        assert stack.services == {}
        assert len(stopped) == 1
        assert pids(stack.guardian.token) == []


def test_an_unforeseen_error_becomes_a_service_error(settings, monkeypatch):
    def broken(self):
        raise ZeroDivisionError("by accident")

    monkeypatch.setattr(GoogleIdentity, "start", broken)
    with Stack(settings) as stack, pytest.raises(ServiceError, match="ZeroDivisionError"):
        stack.start(["google"])


def test_a_service_that_cannot_stop_does_not_keep_the_others_up(settings, monkeypatch):
    stack = Stack(settings)
    stack.start(["gcs", "google"])
    token, mine = stack.guardian.token, folders(stack)

    def broken(self):
        raise ServiceError("it will not stop")

    server = stack.gcs
    with monkeypatch.context() as patch:
        patch.setattr(GcsServer, "stop", broken)
        with pytest.raises(ServiceError, match="will not stop"):
            stack.stop()
    server.stop()
    assert pids(token) == []
    assert not any(Path(folder).exists() for folder in mine)


def test_a_taken_port_and_an_unknown_service_in_ports_are_told_of(settings, whole):
    port = whole.postgres.port
    with (
        Stack(settings.model_copy(update={"ports": {"postgres": port}})) as stack,
        pytest.raises(EnvironmentNotAbleError, match=f"port {port}, set for postgres, is taken"),
    ):
        stack.start(QUICK)
    with pytest.raises(SettingsError, match=r"that there are not: postgre\b"):
        Stack(settings.model_copy(update={"ports": {"postgre": 5432}})).start(["gcs"])


SESSION = """
    import json, os, sys, time
    from pathlib import Path
    from harness.settings import Settings
    from harness.services.stack import Stack

    stack = Stack(Settings(fixtures=Path(sys.argv[1])), progress=lambda text: print(text, flush=True))
    with stack:
        print(json.dumps({"token": stack.guardian.token, "folder": str(stack.folder)}), flush=True)
        stack.start(sys.argv[2].split(","))
        tenancies = [getattr(getattr(one, "server", one), "_tenancy", None) for one in stack.services.values()]
        folders = [str(one.folder) for one in tenancies if one]
        stack.postgres.execute("CREATE TABLE t (a int)")
        print(json.dumps({
            "folders": folders, "port": stack.postgres.port,
            "tables": [sink.name for sink in stack.inventory()],
            "watchdog": stack.guardian._watchdog.pid}), flush=True)
        sys.stdin.readline()
"""


def session(folder, names=QUICK):
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SESSION), str(folder), ",".join(names)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return process, json.loads(process.stdout.readline())


def facts(process):
    line = "{}"
    for line in process.stdout:
        if line.startswith("{"):
            break
    return json.loads(line)


def end(process):
    process.kill()
    process.communicate()


def test_two_stacks_in_two_processes_never_meet(tmp_path):
    (one, first), (two, second) = session(tmp_path), session(tmp_path)
    try:
        known = facts(one), facts(two)
        assert known[0]["port"] != known[1]["port"]
        assert not set(known[0]["folders"]) & set(known[1]["folders"])
        # Each made its own table of the same name and saw nothing else.
        assert [one["tables"] for one in known] == [["public.t"], ["public.t"]]
        one.communicate("\n", timeout=60)
        assert one.returncode == 0
        assert pids(first["token"]) == []
        assert len(pids(second["token"])) >= 2
        two.communicate("\n", timeout=60)
        assert two.returncode == 0
        assert pids(second["token"]) == []
    finally:
        end(one)
        end(two)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_remains_of_a_stack_whose_process_is_ended(tmp_path, number):
    process, opened = session(tmp_path, (*QUICK, "bigquery", "http"))
    try:
        known = facts(process)
        running = [one for pid in pids(opened["token"]) for one in family(pid)]
        ports = {port for one in running for port in ports_of(one)}
        assert known["port"] in ports
        assert len(ports) >= 3
        process.send_signal(number)
        assert process.wait(60) == -number
        assert wait_until(lambda: not watchdog.birth(known["watchdog"]))
        assert wait_until(lambda: not any(map(runs, running)))
        assert pids(opened["token"]) == []
        for folder in (opened["folder"], *known["folders"]):
            assert not Path(folder).exists()
        listening = {
            one.laddr.port for one in psutil.net_connections("inet") if one.status == "LISTEN"
        }
        assert not ports & listening
    finally:
        end(process)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("after", [0.0, 0.1, 0.25, 0.5])
def test_nothing_remains_of_a_start_that_was_interrupted(tmp_path, number, after):
    before = leavings()
    process, opened = session(tmp_path)
    try:
        time.sleep(after)
        process.send_signal(number)
        # A Ctrl-C that falls into the import of some module can be lost in that module's own
        # handling of errors; then the user presses again.
        while not wait_until(lambda: process.poll() is not None, 5):
            process.send_signal(number)
        error = process.stderr.read()
        assert process.returncode == -number or "KeyboardInterrupt" in error, error
        assert wait_until(lambda: not pids(opened["token"]))
        marked = opened["token"]
        assert wait_until(lambda: not any(_is_marked(one, marked) for one in leavings() - before))
    finally:
        end(process)


def _is_marked(folder, token):
    try:
        return (folder / watchdog.MARKER).read_text() == token
    except OSError:
        return False
