"""What a client meets at a gate: answers, ends of connections, and rows that stop halfway."""

from __future__ import annotations

import http.client
import io
import json
import struct
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from harness.faults import http as trouble
from harness.faults import postgres
from harness.faults.fault import Fault
from harness.gates.gate import CutError, Gate
from harness.machine.ports import HOST


class Hello(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked: list[str]

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        type(self).asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def asked():
    Hello.asked = []
    return Hello.asked


@pytest.fixture
def server(asked):
    found = HTTPServer((HOST, 0), Hello)
    thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found.server_address
    found.shutdown()
    thread.join()
    found.server_close()


def gate(server, *faults):
    left = list(faults)
    reader = trouble.reader_of("gcs", lambda _call: left.pop(0) if left else None)
    return Gate(host=HOST, to=server, reader=reader)


def test_a_refused_request_is_not_done_and_the_connection_goes_on(server, asked):
    with gate(server, Fault(service="gcs", what="503")) as before:
        client = http.client.HTTPConnection(HOST, before.port, timeout=30)
        client.request("POST", "/first", body=b"x" * 100_000)
        answer = client.getresponse()
        error = json.load(answer)["error"]
        assert (answer.status, error["code"]) == (503, 503)
        assert error["errors"][0]["reason"] == "backendError"
        client.request("POST", "/second", body=b"x")
        assert client.getresponse().read() == b"ok"
        client.close()
    assert asked == ["/second"]


def test_a_reset_is_one(server, asked):
    with gate(server, Fault(service="gcs", what="reset")) as before:
        client = http.client.HTTPConnection(HOST, before.port, timeout=30)
        client.request("POST", "/first", body=b"x")
        with pytest.raises(ConnectionResetError):
            client.getresponse()
        client.close()
    assert asked == []


def test_s3_words_it_in_xml_and_a_look_ahead_gets_no_body():
    assert b"<Code>SlowDown</Code>" in trouble.answer("s3", 503, method="GET")
    assert trouble.answer("s3", 503, method="HEAD").endswith(b"\r\n\r\n")


def message(kind, body):
    return kind + struct.pack("!I", len(body) + 4) + body


START = struct.pack("!II", 17, 196608) + b"user\0me\0\0"


def talk(sent, *faults):
    """What the server gets of what a client says, what the gate answers, and what was met."""
    left, on, answered = list(faults), [], []

    def meet(call):
        if left and left[0].fits(call):
            return left.pop(0)
        return None

    reader = postgres.reader_of(meet)
    cut = False
    try:
        reader(io.BytesIO(START + sent), on.append, answered.append)
    except CutError:
        cut = True
    assert left == []
    return b"".join(on), b"".join(answered), cut


def test_a_refused_connection_says_that_the_server_is_full():
    on, answered, _ = talk(message(b"Q", b"SELECT 1\0"), Fault(service="postgres", what="refused"))
    assert on == b""
    assert answered[:1] == b"E"
    assert b"C53300\0" in answered


def test_the_server_itself_fails_in_the_place_of_a_statement():
    sent = message(b"Q", b"BEGIN\0") + message(b"Q", b"DELETE FROM trips\0")
    on, answered, cut = talk(sent, Fault(service="postgres", what="40001"))
    assert on.startswith(START + message(b"Q", b"BEGIN\0"))
    assert b"DELETE" not in on
    assert b"USING ERRCODE = '40001'" in on
    assert (answered, cut) == (b"", False)


def test_so_many_bytes_of_a_copy_arrive():
    begins = message(b"Q", b"COPY trips FROM STDIN\0")
    sent = begins + message(b"d", b"a" * 60) + message(b"d", b"b" * 60) + message(b"c", b"")
    on, _, cut = talk(sent, Fault(service="postgres", what="cut", size=100))
    assert cut
    assert (on.count(b"a"), on.count(b"b")) == (60, 40)


def test_without_a_fault_all_bytes_pass():
    sent = message(b"P", b"\0SELECT 1\0\0\0") + message(b"d", b"row") + message(b"X", b"")
    assert talk(sent) == (START + sent, b"", False)
