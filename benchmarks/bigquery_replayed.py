"""The Storage Read API out of ready-made bytes: what is left of reading when nothing is made.

As a program it answers from a file, until it is ended: python bigquery_replayed.py FILE.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING, Any

import grpc
from google.cloud.bigquery_storage_v1 import types

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SERVICE = "/google.cloud.bigquery.storage.v1.BigQueryRead/"
_UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


def answers(address: str, table: str) -> tuple[bytes, list[bytes]]:
    """What a server answers to who reads a table in one stream: the session, and its rows.

    Args:
        address: Host and port of the server.
        table: ``projects/p/datasets/d/tables/t``.
    """
    asked = types.CreateReadSessionRequest(
        parent=table.partition("/datasets/")[0],
        read_session=types.ReadSession(table=table, data_format=types.DataFormat.ARROW),
        max_stream_count=1,
    )
    with grpc.insecure_channel(address, options=_UNLIMITED) as channel:
        create = channel.unary_unary(f"{_SERVICE}CreateReadSession")
        session = create(types.CreateReadSessionRequest.serialize(asked))
        (stream,) = types.ReadSession.deserialize(session).streams
        request = types.ReadRowsRequest(read_stream=stream.name)
        read = channel.unary_stream(f"{_SERVICE}ReadRows")
        rows = list(read(types.ReadRowsRequest.serialize(request)))
    return session, rows


@contextmanager
def replaying(given: tuple[bytes, list[bytes]], file: Path) -> Iterator[str]:
    """A server in a process of its own that gives these answers, while it is open.

    Args:
        given: The answers.
        file: A file for them.

    Yields:
        Its host and port.
    """
    file.write_bytes(pickle.dumps(given))
    with subprocess.Popen(
        [sys.executable, __file__, str(file)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            if process.stdout is None:
                raise RuntimeError("no output")
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


class _Recorded(grpc.GenericRpcHandler):  # type: ignore[misc]
    def __init__(self, session: bytes, rows: list[bytes]) -> None:
        self._session, self._rows = session, rows

    def service(self, handler_call_details: Any) -> Any:
        if handler_call_details.method.endswith("/ReadRows"):
            return grpc.unary_stream_rpc_method_handler(lambda _, __: iter(self._rows))
        return grpc.unary_unary_rpc_method_handler(lambda _, __: self._session)


def _main(file: str) -> None:
    with open(file, "rb") as content:  # noqa: PTH123
        session, rows = pickle.load(content)
    server = grpc.server(
        ThreadPoolExecutor(4), handlers=[_Recorded(session, rows)], options=_UNLIMITED
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"127.0.0.1:{port}\n")
    sys.stdout.flush()
    Event().wait()


if __name__ == "__main__":
    _main(sys.argv[1])
