"""What is read of the wires: each request told before it is sent on, and all bytes sent on."""

from __future__ import annotations

import io
import struct

import pytest
from google.cloud.bigquery_storage_v1 import types

from harness.gates import wire_http, wire_postgres
from harness.sources.bigquery_names import asked_by


def http(sent, answer=pytest.fail):
    """What was told, in order, with what had been sent on by then, and all that was."""
    told, on = [], []
    reader = wire_http.requests_of(lambda request: told.append((request, b"".join(on))))
    reader(io.BytesIO(sent), on.append, answer)
    return told, b"".join(on)


def test_requests_of_one_connection():
    first = b"GET /storage/v1/b/lake HTTP/1.1\r\nHost: x\r\n\r\n"
    second = b'POST /q HTTP/1.1\r\nContent-Length: 13\r\n\r\n{"query": ""}'
    told, on = http(first + second)
    assert on == first + second
    assert [(one.method, one.target, one.body) for one, _ in told] == [
        ("GET", "/storage/v1/b/lake", b""),
        ("POST", "/q", b'{"query": ""}'),
    ]
    assert [before for _, before in told] == [b"", first]


def test_a_body_in_chunks_ends_where_it_ends():
    first = (
        b"POST /upload HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"
    )
    second = b"GET /next HTTP/1.1\r\n\r\n"
    told, on = http(first + second)
    assert on == first + second
    assert [one.target for one, _ in told] == ["/upload", "/next"]


def test_a_client_that_waits_for_leave_gets_it():
    head = b"PUT /u HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    leave = []
    told, on = http(head + b"ab", leave.append)
    assert leave == [b"HTTP/1.1 100 Continue\r\n\r\n"]
    assert on == b"PUT /u HTTP/1.1\r\nContent-Length: 2\r\n\r\nab"
    assert told[0][0].body == b"ab"


def test_a_request_that_is_answered_instead_is_not_sent_on():
    first = b"POST /upload HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    second = b"GET /next HTTP/1.1\r\n\r\n"
    on, answered = [], []
    reader = wire_http.requests_of(lambda one: b"no" if one.method == "POST" else None)
    reader(io.BytesIO(first + second), on.append, answered.append)
    assert (b"".join(on), answered) == (second, [b"no"])


def test_a_long_body_is_told_by_its_beginning():
    body = b"x" * (3 << 20)
    head = b"PUT /u HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body)
    told, on = http(head + body)
    assert on == head + body
    assert len(told[0][0].body) == 2 << 20


NAME = "projects/p/datasets/d/tables/trips"


def named(*pieces):
    """The tables that are seen, and whether for their rows, in bytes that come in pieces."""
    told, on = [], []
    reader = wire_http.requests_of(told.append)
    reader(Pieces([b"PRI * HTTP/2.0\r\n", *pieces]), on.append, pytest.fail)
    assert b"".join(on) == b"".join([b"PRI * HTTP/2.0\r\n", *pieces])
    found = [one for request in told for one in asked_by(request, home="p").tables]
    return {(one.dataset, one.table, one.rows) for one in found}


class Pieces:
    """A stream that gives what has come, however little."""

    def __init__(self, pieces):
        self._pieces = list(pieces)

    def readline(self, _):
        return self._pieces.pop(0)

    def read1(self, _):
        return self._pieces.pop(0) if self._pieces else b""


def reading(table=NAME, **more):
    session = types.ReadSession(table=table, data_format="ARROW", **more)
    return types.CreateReadSessionRequest.serialize(
        types.CreateReadSessionRequest(parent="projects/p", read_session=session)
    )


@pytest.mark.parametrize(
    "sent",
    [
        reading(),
        # What comes next begins with a letter.
        reading(read_options={"row_restriction": "a > 1"}),
        reading(table=NAME.replace("/d/", f"/{'d' * 200}/")),
        reading(table=NAME.replace("trips", "Fährten 1")),
    ],
)
def test_a_name_in_two_pieces_is_seen_whole(sent):
    ((dataset, table, rows),) = named(b"SM", sent)
    assert dataset.startswith("d")
    assert table in ("trips", "Fährten 1")
    assert rows
    for place in range(1, len(sent)):
        assert named(sent[:place], sent[place:]) == {(dataset, table, True)}


@pytest.mark.parametrize(
    "message",
    [
        types.CreateWriteStreamRequest(parent=NAME, write_stream={"type_": "PENDING"}),
        types.AppendRowsRequest(write_stream=f"{NAME}/streams/_default"),
        types.BatchCommitWriteStreamsRequest(parent=NAME),
    ],
)
def test_writing_alone_looks_at_no_rows(message):
    assert named(type(message).serialize(message)) == {("d", "trips", False)}


def message(kind, body):
    return kind + struct.pack("!I", len(body) + 4) + body


def test_statements_and_parameters():
    statements, values, on = [], [], []
    encryption = struct.pack("!II", 8, 80877103)
    start = struct.pack("!II", 17, 196608) + b"user\0me\0\0"
    sent = (
        encryption
        + start
        + message(b"Q", b"SELECT 1\0")
        + message(b"P", b"name\0SELECT 2\0\0\0")
        + message(b"B", b"\0name\0orders")
        + message(b"d", b"SELECT data")
    )
    wire_postgres.requests_of(statements.append, values.append)(
        io.BytesIO(sent), on.append, pytest.fail
    )
    assert statements == ["SELECT 1", "SELECT 2"]
    assert len(values) == 1
    assert "orders" in values[0]
    assert b"".join(on) == sent


def test_a_request_to_cancel_is_sent_on_alone():
    on = []
    cancel = struct.pack("!IIII", 16, 80877102, 1, 2)
    wire_postgres.requests_of(on.append, on.append)(io.BytesIO(cancel), on.append, pytest.fail)
    assert b"".join(on) == cancel
