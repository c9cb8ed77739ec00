"""What was not recorded fails at once, is reported, and reaches nobody."""

from __future__ import annotations

import shutil
import socket
import ssl
import threading
import time
from urllib.parse import urlsplit

import pytest

UNKNOWN = (
    "https://github.com/DataTalksClub/nyc-tlc-data/releases/download/yellow/"
    "yellow_tripdata_2021-02.csv.gz"
)
KNOWN = UNKNOWN.replace("2021-02", "2021-01")

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on PATH")


@pytest.fixture
def origin():
    """A server that notes who connects to it."""
    seen = []
    listener = socket.create_server(("127.0.0.1", 0))

    def accept():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                seen.append(connection.recv(4096))
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi\n")

    thread = threading.Thread(target=accept)
    thread.start()
    yield listener.getsockname()[1], seen
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def proxy_port(service):
    return int(service.environment()["HTTP_PROXY"].rpartition(":")[2])


def raw(service, text, *, until=None):
    """What the proxy answers to these bytes: to its end, or until some bytes have come."""
    answer = b""
    with socket.create_connection(("127.0.0.1", proxy_port(service)), timeout=20) as connection:
        connection.sendall(text)
        if until is None:
            connection.shutdown(socket.SHUT_WR)
        while until is None or until not in answer:
            received = connection.recv(65536)
            if not received:
                break
            answer += received
    return answer


def test_pandas_fails_at_once_and_names_the_nearest(client, service):
    done = client.python(f"import pandas; pandas.read_csv({UNKNOWN!r})", check=False)
    assert done.returncode == 1
    assert "HTTP Error 470" in done.stderr
    assert KNOWN in done.stderr
    (asked,) = service.requests()
    assert (asked.url, asked.status, asked.recorded) == (UNKNOWN, 470, False)
    assert asked.nearest[0] == KNOWN


def test_requests_shows_url_nearest_and_remedy(client):
    done = client.python(
        "import requests\n"
        f"answer = requests.get({UNKNOWN!r}, timeout=20)\n"
        "print(answer.text)\n"
        "answer.raise_for_status()\n",
        check=False,
    )
    assert f"GET {UNKNOWN}" in done.stdout
    assert KNOWN in done.stdout
    assert f"mage-harness fixture '{UNKNOWN}'" in done.stdout
    assert "470 Client Error" in done.stderr


def test_a_loader_that_looks_at_no_status_fails_at_once_too(client):
    """Mage's own template for an API loader reads the text of whatever answer it gets."""
    done = client.python(
        "import io, pandas, requests\n"
        f"pandas.read_csv(io.StringIO(requests.get({UNKNOWN!r}, timeout=20).text), sep=',')\n",
        check=False,
    )
    assert "ParserError" in done.stderr


@needs_curl
def test_curl_fails(client):
    assert client.run("curl", "-fsS", UNKNOWN, check=False).returncode == 22
    assert KNOWN in client.run("curl", "-sS", UNKNOWN).stdout


def test_it_is_an_incident_once_however_often_it_is_asked(client, service):
    client.python(
        "import requests\n"
        f"for _ in range(3): requests.get({UNKNOWN!r} + '?access_token=hush', timeout=20)\n"
    )
    (incident,) = service.incidents(0)
    assert (incident.service, incident.code) == ("http", "http-unrecorded")
    assert "(3 times)" in incident.message
    assert KNOWN in incident.message
    assert "[tool.mage-harness.files]" in incident.remedy
    assert "hush" not in repr(incident)
    assert service.incidents(incident.at + 60) == ()


@needs_curl
def test_nothing_is_forwarded_even_to_this_machine(client, service, origin):
    port, seen = origin
    through_proxy = ("curl", "-sS", "--noproxy", "", "-w", "%{http_code}", "-o", "/dev/null")
    plain = client.run(*through_proxy, f"http://127.0.0.1:{port}/")
    assert plain.stdout == "470"
    tunnel = client.run(*through_proxy, "-p", f"http://127.0.0.1:{port}/", check=False)
    assert tunnel.returncode == 56
    assert seen == []
    assert [incident.code for incident in service.incidents(0)] == [
        "http-unrecorded",
        "http-refused",
    ]


@needs_curl
def test_this_machine_is_reached_directly(client, service, origin):
    port, seen = origin
    assert client.run("curl", "-sS", f"http://127.0.0.1:{port}/").stdout == "hi\n"
    client.python(
        "import requests, urllib.request\n"
        f"assert requests.get('http://127.0.0.1:{port}/', timeout=20).text == 'hi\\n'\n"
        f"assert urllib.request.urlopen('http://localhost:{port}/', timeout=20).status == 200\n"
    )
    assert len(seen) == 3
    assert service.requests() == ()


def test_a_tunnel_to_another_protocol_is_refused(service):
    answer = raw(service, b"CONNECT db.example.com:5432 HTTP/1.1\r\n\r\n", until=b"remedy:")
    assert answer.startswith(b"HTTP/1.1 470 ")
    assert [asked.kind for asked in service.requests()] == ["refused"]


def test_a_websocket_is_refused(service):
    answer = raw(
        service,
        b"GET http://echo.example.com/ HTTP/1.1\r\nHost: echo.example.com\r\n"
        b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        until=b"remedy:",
    )
    assert answer.startswith(b"HTTP/1.1 470 ")
    assert b"WebSocket" in answer


@pytest.mark.parametrize(
    "text",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x00\x01\x02\x03 raw bytes\n\n",
        b"GET ftp://example.com/a HTTP/1.1\r\nHost: example.com\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_not_a_web_request_gets_no_further(service, text):
    answer = raw(service, text)
    assert answer == b"" or answer.split(b" ", 2)[1] in (b"400", b"470")


@needs_curl
def test_a_client_that_does_not_trust_the_authority_is_reported(client, service, tmp_path):
    nobody = tmp_path / "nobody.pem"
    nobody.write_bytes(b"")
    done = client.run("curl", "-sS", "--cacert", str(nobody), KNOWN, check=False)
    assert done.returncode != 0
    done = client.python(
        "import requests\n"
        "session = requests.Session()\n"
        "session.trust_env = False\n"
        f"session.proxies = {{'https': {service.environment()['HTTPS_PROXY']!r}}}\n"
        f"session.get({KNOWN!r}, timeout=20)\n",
        check=False,
    )
    assert "CERTIFICATE_VERIFY_FAILED" in done.stderr
    # The proxy hears of a client that hangs up after the client has ended.
    until = time.monotonic() + 60
    while len(untrusted(service)) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    assert len(untrusted(service)) == 2
    incident = service.incidents(0)[-1]
    assert incident.code == "http-untrusted"
    assert "github.com" in incident.message


def test_a_background_thread_that_its_process_leaves_is_not_reported(client, service):
    proxy = urlsplit(service.environment()["HTTPS_PROXY"])
    for host in ("iamcredentials.googleapis.com", "github.com"):
        with socket.create_connection((proxy.hostname, proxy.port)) as line:
            line.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
            assert line.recv(1000).split()[1] == b"200"
            near, far = ssl.MemoryBIO(), ssl.MemoryBIO()
            inside = ssl.create_default_context().wrap_bio(near, far, server_hostname=host)
            with pytest.raises(ssl.SSLWantReadError):
                inside.do_handshake()
            line.sendall(far.read())
            assert line.recv(1), "the authority's certificate, which is not looked at"
    until = time.monotonic() + 60
    while not untrusted(service) and time.monotonic() < until:
        time.sleep(0.05)
    assert [urlsplit(asked.url).hostname for asked in untrusted(service)] == ["github.com"]


def untrusted(service):
    return [asked for asked in service.requests() if asked.kind == "untrusted"]


def test_background_noise_is_answered_and_not_reported(client, service):
    done = client.python(
        "import requests\n"
        "for url in ('https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a/'\n"
        "            'allowedLocations', 'http://metadata.google.internal/computeMetadata/v1/',\n"
        "            'http://169.254.169.254', 'https://api.mage.ai/v1/usage_statistics',\n"
        "            'https://stats.greatexpectations.io/great_expectations/v1/usage_statistics',\n"
        "            'https://config.mlflow-telemetry.io/3.2.0.json'):\n"
        "    print(requests.get(url, timeout=20).status_code)\n"
    )
    assert done.stdout.split() == ["404"] * 6
    assert {asked.kind for asked in service.requests()} == {"noise"}
    assert service.incidents(0) == ()
