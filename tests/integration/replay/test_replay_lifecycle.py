"""Start and stop: ports, processes, folders, and what happens when something goes wrong."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from harness.errors import CassetteError, EnvironmentNotAbleError, ServiceError
from harness.machine.guardian import Guardian
from harness.services.http import RecordedHttp
from tests.processes import has_ended, words_of

NOTHING = Path(__file__).parent / "no-such-folder"


def port_of(service):
    return int(service.environment()["HTTP_PROXY"].rpartition(":")[2])


def proxies_of_this_process():
    return [
        child
        for child in psutil.Process().children(recursive=True)
        # One that another test has ended and not yet waited for has no command line any more.
        if "harness.replay.proxy" in words_of(child)
    ]


def wait_until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def guardian():
    with Guardian() as one:
        yield one


def test_nothing_is_left_after_stop(tmp_path, guardian):
    before = proxies_of_this_process()
    service = RecordedHttp(fixtures=NOTHING, folder=tmp_path, guardian=guardian)
    service.start()
    port = port_of(service)
    assert len(list(tmp_path.iterdir())) == 1
    (process,) = [one for one in proxies_of_this_process() if one not in before]
    assert os.getpgid(process.pid) == process.pid
    service.stop()
    assert not process.is_running()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_stop_is_safe_before_start_and_twice():
    service = RecordedHttp(fixtures=NOTHING)
    service.stop()
    service.start()
    service.stop()
    service.stop()
    assert service.incidents(0) == ()
    with pytest.raises(ServiceError, match="not running"):
        service.environment()
    with pytest.raises(ServiceError, match="not running"):
        service.reset()


def test_it_starts_again_after_stop_and_only_once_at_a_time(start):
    service = start(fixtures=NOTHING)
    port = port_of(service)
    service.start()
    assert port_of(service) == port
    service.stop()
    service.start()
    assert port_of(service) > 0


def test_two_side_by_side_never_meet(start, make_cassette):
    url = "http://api.test/same"
    one = start(fixtures=make_cassette(("GET", url, 200, {}, b"one"), name="one"))
    two = start(fixtures=make_cassette(("GET", url, 200, {}, b"two"), name="two"))
    assert port_of(one) != port_of(two)
    assert one.environment()["SSL_CERT_FILE"] != two.environment()["SSL_CERT_FILE"]
    for service, body in ((one, "one"), (two, "two")):
        done = subprocess.run(
            [
                *(sys.executable, "-c"),
                f"import urllib.request as r; print(r.urlopen({url!r}).read().decode())",
            ],
            env=dict(service.environment()),
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == body
    one.stop()
    assert len(two.requests()) == 1


def test_a_fixed_port_is_used_or_its_taker_is_blamed(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(EnvironmentNotAbleError) as caught:
            start(fixtures=NOTHING, port=port)
        assert f"port {port}, set for http, is taken" in str(caught.value)
        assert "[tool.mage-harness.ports]" in str(caught.value)
    assert port_of(start(fixtures=NOTHING, port=port)) == port


def test_it_listens_on_loopback_only(start):
    service = start(fixtures=NOTHING)
    port = port_of(service)
    listening = {
        connection.laddr.ip
        for process in proxies_of_this_process()
        for connection in process.net_connections()
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
    }
    assert listening == {"127.0.0.1"}


def test_a_cassette_that_is_off_leaves_nothing_behind(tmp_path):
    before = proxies_of_this_process()
    fixtures, work = tmp_path / "http", tmp_path / "work"
    fixtures.mkdir()
    (fixtures / "index.yaml").write_text("- {method: GET}\n")
    with pytest.raises(CassetteError, match="has no 'url'"):
        RecordedHttp(fixtures=fixtures, folder=work).start()
    assert list(work.iterdir()) == []
    assert proxies_of_this_process() == before


def test_a_file_that_is_not_there_is_named_at_the_start(tmp_path):
    service = RecordedHttp(fixtures=NOTHING, files={"http://a.test/": tmp_path / "gone.csv"})
    with pytest.raises(CassetteError, match=r"http://a\.test/ is not there"):
        service.start()


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentNotAbleError, match="no folder to work in"):
        RecordedHttp(fixtures=NOTHING, folder=tmp_path / "file").start()


def test_a_folder_that_cannot_be_filled_is_reported(tmp_path):
    class Spoiler(Guardian):
        def make_folder(self, *, prefix, parent=None):
            path = super().make_folder(prefix=prefix, parent=parent)
            (path / "bundle.pem").mkdir()
            return path

    with Spoiler() as spoiler:
        service = RecordedHttp(fixtures=NOTHING, folder=tmp_path, guardian=spoiler)
        with pytest.raises(ServiceError, match="did not start") as caught:
            service.start()
    assert "bundle.pem" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_proxy_that_does_not_start_shows_the_end_of_its_log(tmp_path, monkeypatch):
    (tmp_path / "mitmproxy").mkdir()
    (tmp_path / "mitmproxy" / "__init__.py").write_text("raise ImportError('spoilt by the test')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(ServiceError, match="does not answer") as caught:
        RecordedHttp(fixtures=NOTHING, folder=tmp_path / "work").start()
    assert "spoilt by the test" in str(caught.value)
    assert list((tmp_path / "work").iterdir()) == []


def test_a_proxy_that_died_is_reported(start):
    service = start(fixtures=NOTHING)
    folder = str(Path(service.environment()["WGETRC"]).parent)
    (process,) = [one for one in proxies_of_this_process() if folder in one.cmdline()]
    process.kill()
    wait_until(lambda: process.status() == psutil.STATUS_ZOMBIE)
    with pytest.raises(ServiceError, match="does not answer"):
        service.reset()


@pytest.mark.parametrize("guarded", [False, True])
def test_the_proxy_ends_with_the_process_that_started_it(tmp_path, guarded):
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from harness.machine.guardian import Guardian\n"
        "from harness.services.http import RecordedHttp\n"
        "import psutil\n"
        "root = Path(sys.argv[1])\n"
        f"guardian = Guardian() if {guarded} else None\n"
        "RecordedHttp(fixtures=root / 'none', folder=root / 'work', guardian=guardian).start()\n"
        "for child in psutil.Process().children():\n"
        "    if 'harness.replay.proxy' in child.cmdline(): print(child.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=Path(__file__).resolve().parents[3],
        stdout=subprocess.PIPE,
        check=False,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL
    pid = int(done.stdout)
    wait_until(lambda: has_ended(pid))
    if guarded:
        wait_until(lambda: not list((tmp_path / "work").iterdir()))


def test_a_sealed_process_can_neither_connect_nor_look_up():
    code = (
        "import socket\n"
        "from socket import SOCK_DGRAM\n"
        "from harness.replay.seal import seal\n"
        "server = socket.create_server(('127.0.0.1', 0))\n"
        "client = socket.create_connection(server.getsockname())\n"
        "answering, _ = server.accept()\n"
        "seal()\n"
        "answering.sendmsg([b'an answer'])\n"
        "print(client.recv(9).decode())\n"
        "for attempt in (lambda: socket.create_connection(server.getsockname()),\n"
        "                lambda: socket.getaddrinfo('example.com', 443),\n"
        "                lambda: socket.gethostbyname('example.com'),\n"
        "                lambda: socket.socket(type=SOCK_DGRAM).sendto(b'', ('8.8.8.8', 53)),\n"
        "                lambda: socket.socket(type=SOCK_DGRAM).sendmsg([], (), 0, ('8.8.8.8', 53))):\n"
        "    try:\n"
        "        attempt()\n"
        "    except PermissionError as error:\n"
        "        print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count("the replay proxy is sealed") == 5
    assert done.stdout.startswith("an answer\n")
