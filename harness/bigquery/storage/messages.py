"""The messages of the Storage Read API, from a table of their fields.

The names and numbers are those of ``google.cloud.bigquery.storage.v1`` in Google's public
definitions. Importing the classes of google-cloud-bigquery-storage would take a third of a second
and 100 MB; these take 20 ms. They live in a pool of their own, so that both can be in a process.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Buffer

PACKAGE = "google.cloud.bigquery.storage.v1"

# The text stands for ``name number type``; a type in brackets is repeated.
_FIELDS = {
    "Timestamp": ("seconds 1 int64", "nanos 2 int32"),
    "ArrowSchema": ("serialized_schema 1 bytes",),
    "ArrowRecordBatch": ("serialized_record_batch 1 bytes", "row_count 2 int64"),
    "ArrowSerializationOptions": (
        "buffer_compression 2 int32",
        "picos_timestamp_precision 3 int32",
    ),
    "TableModifiers": ("snapshot_time 1 Timestamp",),
    "TableReadOptions": (
        "selected_fields 1 [string]",
        "row_restriction 2 string",
        "arrow_serialization_options 3 ArrowSerializationOptions",
        "sample_percentage 5 double",
        "response_compression_codec 6 int32",
    ),
    "ReadStream": ("name 1 string",),
    "ReadSession": (
        "name 1 string",
        "expire_time 2 Timestamp",
        "data_format 3 int32",
        "arrow_schema 5 ArrowSchema",
        "table 6 string",
        "table_modifiers 7 TableModifiers",
        "read_options 8 TableReadOptions",
        "streams 10 [ReadStream]",
        "estimated_total_bytes_scanned 12 int64",
        "trace_id 13 string",
        "estimated_row_count 14 int64",
    ),
    "CreateReadSessionRequest": (
        "parent 1 string",
        "read_session 2 ReadSession",
        "max_stream_count 3 int32",
        "preferred_min_stream_count 4 int32",
    ),
    "ReadRowsRequest": (
        "read_stream 1 string",
        "offset 2 int64",
        "arrow_serialization_options 5 ArrowSerializationOptions",
    ),
    "ThrottleState": ("throttle_percent 1 int32",),
    "Progress": ("at_response_start 1 double", "at_response_end 2 double"),
    "StreamStats": ("progress 2 Progress",),
    "ReadRowsResponse": (
        "stats 2 StreamStats",
        "arrow_record_batch 4 ArrowRecordBatch",
        "throttle_state 5 ThrottleState",
        "row_count 6 int64",
        "arrow_schema 8 ArrowSchema",
        "uncompressed_byte_size 9 int64",
    ),
    "SplitReadStreamRequest": ("name 1 string", "fraction 2 double"),
    "SplitReadStreamResponse": ("primary_stream 1 ReadStream", "remainder_stream 2 ReadStream"),
}


@cache
def message(name: str) -> Any:
    """The class of a message.

    Args:
        name: Its name without the package, such as ``ReadSession``.
    """
    from google.protobuf.message_factory import GetMessageClass  # noqa: PLC0415

    return GetMessageClass(_pool().FindMessageTypeByName(f"{PACKAGE}.{name}"))


def with_rows(answer: Any, rows: Buffer, *, count: int) -> bytes:
    """A ReadRowsResponse on the wire, with a batch that protobuf has not copied.

    A field may stand anywhere in a message ("Encoding" of protobuf's guide), so the batch stands
    behind the others. Set as a field its bytes would be copied twice more.

    Args:
        answer: The ReadRowsResponse without the batch.
        rows: The IPC message.
        count: How many rows it holds.
    """
    batch = message("ArrowRecordBatch")
    behind = batch(row_count=count).SerializeToString()
    size = memoryview(rows).nbytes
    inner = _begin(batch, "serialized_record_batch", size)
    outer = _begin(type(answer), "arrow_record_batch", len(inner) + size + len(behind))
    return b"".join((answer.SerializeToString(), outer, inner, rows, behind))


def _begin(kind: Any, field: str, size: int) -> bytes:
    """What stands before a field that has a length: its number, the type 2 and the length."""
    number = kind.DESCRIPTOR.fields_by_name[field].number
    return bytes((number << 3 | 2, *_varint(size)))


def _varint(number: int) -> Iterator[int]:
    """A number in groups of seven bits, the lowest first."""
    while number > 0x7F:  # noqa: PLR2004
        yield number & 0x7F | 0x80
        number >>= 7
    yield number


@cache
def _pool() -> Any:
    from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Kind  # noqa: PLC0415
    from google.protobuf.descriptor_pb2 import FileDescriptorProto  # noqa: PLC0415
    from google.protobuf.descriptor_pool import DescriptorPool  # noqa: PLC0415

    # As proto2 each field tells whether it is set; on the wire both are the same.
    file = FileDescriptorProto(name="storage_read.proto", package=PACKAGE, syntax="proto2")
    for owner, fields in _FIELDS.items():
        described = file.message_type.add(name=owner)
        for field in fields:
            name, number, kind = field.split()
            one = described.field.add(name=name, number=int(number), label=Kind.LABEL_OPTIONAL)
            if kind[0] == "[":
                one.label, kind = Kind.LABEL_REPEATED, kind[1:-1]
            if kind in _FIELDS:
                one.type, one.type_name = Kind.TYPE_MESSAGE, f".{PACKAGE}.{kind}"
            else:
                one.type = Kind.Type.Value(f"TYPE_{kind.upper()}")
    pool = DescriptorPool()
    pool.Add(file)
    return pool
