"""ReadRows: the batches of a stream as answers, each with its place in the stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from harness.bigquery.errors import ApiError
from harness.bigquery.storage.columns import fitted
from harness.bigquery.storage.make import codec
from harness.bigquery.storage.messages import message, with_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typing_extensions import Buffer

    from harness.bigquery.storage.session import ReadSession, Stream
    from harness.bigquery.storage.sessions import ReadSessions

# "ReadRows" of the reference: at most 10 MiB an answer.
_LARGEST = 8 << 20


@dataclass(frozen=True, kw_only=True)
class _Answers:
    """Makes answers of batches."""

    session: ReadSession
    stream: Stream
    compression: str | None

    def of(self, batch: pa.RecordBatch, done: int, *, first: bool) -> bytes:
        """One answer, ready for the wire.

        Args:
            batch: The rows.
            done: How many rows of the stream come before them.
            first: Whether it is the first answer, which has the schema.
        """
        rows: Buffer = serialised(batch, self.compression)
        size = None
        if self.session.packed:
            size, rows = _packed(rows)
        answer = message("ReadRowsResponse")(row_count=batch.num_rows)
        if size is not None:
            answer.uncompressed_byte_size = size
        length = max(self.stream.high - self.stream.low, 1)
        answer.stats.progress.at_response_start = min(done / length, 1.0)
        answer.stats.progress.at_response_end = min((done + batch.num_rows) / length, 1.0)
        answer.throttle_state.throttle_percent = 0
        if first:
            answer.arrow_schema.serialized_schema = self.session.schema.serialize().to_pybytes()
        return with_rows(answer, rows, count=batch.num_rows)


def answers(
    sessions: ReadSessions,
    session: ReadSession,
    stream: Stream,
    request: Any,
    *,
    active: Callable[[], bool],
) -> Iterator[bytes]:
    """The answers to a ReadRowsRequest, serialised.

    Args:
        sessions: All sessions.
        session: The session.
        stream: The stream.
        request: The request.
        active: Tells whether the client still listens.

    Raises:
        ApiError: The offset is none, the session is over, or the rows cannot be read.
    """
    if request.offset < 0:
        raise ApiError("invalid", f"Offset must not be negative: {request.offset}")
    compression = session.compression
    if request.HasField("arrow_serialization_options"):
        compression = codec(request.arrow_serialization_options)
    maker = _Answers(session=session, stream=stream, compression=compression)
    done = request.offset
    first = True
    with sessions.reading(session, stream, offset=request.offset) as batches:
        for batch in batches:
            for piece in _pieces(fitted(batch, session.schema)):
                if session.gone:
                    raise ApiError("notFound", f"Not found: Stream {stream.name}")
                if not active():
                    return
                yield maker.of(piece, done, first=first)
                first = False
                done += piece.num_rows
    sessions.read_to_end(session, stream)


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """A batch in parts that are not too large for an answer."""
    if batch.nbytes <= _LARGEST or batch.num_rows == 1:
        yield batch
        return
    half = batch.num_rows // 2
    yield from _pieces(batch.slice(0, half))
    yield from _pieces(batch.slice(half))


def serialised(batch: pa.RecordBatch, compression: str | None) -> Buffer:
    """The IPC message of a batch, without the schema before it."""
    if compression is None:
        plain: Buffer = batch.serialize()
        return plain
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(sink, batch.schema, options=options) as writer:
        writer.write_batch(batch)
    # The schema is written with the first batch, so that no place tells where it ends.
    messages = pa.ipc.MessageReader.open_stream(sink.getvalue())
    messages.read_next_message()
    content: Buffer = messages.read_next_message().serialize()
    return content


def _packed(rows: Buffer) -> tuple[int, Buffer]:
    """The size before compression and the compressed rows; -1 where that gains nothing."""
    size = memoryview(rows).nbytes
    packed = pa.compress(rows, codec="lz4_raw", asbytes=True)
    return (size, packed) if len(packed) < size else (-1, rows)


def split(session: ReadSession, stream: Stream, fraction: float) -> Any:
    """The answer to a SplitReadStreamRequest; empty where there is nothing to cut.

    Raises:
        ApiError: The fraction is none.
    """
    if not 0 < fraction < 1:
        raise ApiError("invalid", f"Fraction must be between 0.0 and 1.0, exclusive: {fraction}")
    answer = message("SplitReadStreamResponse")()
    middle = stream.low + round((stream.high - stream.low) * fraction)
    if stream.low < middle < stream.high:
        with session.lock:
            answer.primary_stream.name = session.add(stream.low, middle).name
            answer.remainder_stream.name = session.add(middle, stream.high).name
            # Who reads the two has no need of the whole.
            session.unread.discard(stream.name)
    return answer
