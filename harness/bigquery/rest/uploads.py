"""Media uploads: in one piece (multipart) and in chunks (resumable)."""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
import uuid
from collections import OrderedDict
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError
from harness.bigquery.loads.loads import Source
from harness.bigquery.rest.api import Reply, json_object, reply
from harness.bigquery.rest.shapes import check_body
from harness.bigquery.rest.spool import Spool

if TYPE_CHECKING:
    from harness.bigquery.rest.api import Api, Call

# A client asks again within minutes if at all.
_KEPT_ANSWERS = 100
_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")


@dataclass
class _Upload:
    """An upload under way; its lock is held while a chunk is written."""

    project: str
    resource: dict[str, Any]
    path: Path
    lock: threading.Lock = field(default_factory=threading.Lock)
    received: int = 0


class Uploads:
    """The uploads under way, their files in a private folder."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._uploads: dict[str, _Upload] = {}
        self._done: OrderedDict[str, Reply] = OrderedDict()

    def file(self) -> Path:
        """A new private file's path."""
        with self._lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="harness-bigquery-"))
            return self._folder / uuid.uuid4().hex

    def spool(self) -> Spool:
        """A new private file for what is coming."""
        return Spool(self.file())

    def begin(self, project: str, resource: dict[str, Any]) -> str:
        """Begin a resumable upload and return its id."""
        path = self.file()
        path.touch(mode=0o600)
        name = uuid.uuid4().hex
        with self._lock:
            self._uploads[name] = _Upload(project=project, resource=resource, path=path)
        return name

    def get(self, name: str) -> _Upload | Reply:
        """An upload under way; of one that has ended, what its last chunk was answered.

        Raises:
            ApiError: There is none of that id.
        """
        with self._lock:
            found = self._uploads.get(name) or self._done.get(name)
        if found is None:
            raise ApiError("notFound", f"Not found: Upload {name}")
        return found

    def end(self, name: str, answer: Reply | None = None) -> None:
        """Forget an upload and its file; the newest answers are kept."""
        with self._lock:
            found = self._uploads.pop(name, None)
            if answer is not None:
                self._done[name] = answer
                if len(self._done) > _KEPT_ANSWERS:
                    self._done.popitem(last=False)
        if found is not None:
            found.path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Forget all uploads and remove the folder."""
        with self._lock:
            self._uploads.clear()
            self._done.clear()
            folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def insert(api: Api, call: Call) -> Reply:
    """POST /upload/.../jobs: all at once, or the beginning of a resumable upload."""
    kind = call.query.get("uploadType", "")
    if kind == "multipart":
        resource, content = _parts(call)
        path = api.uploads.file()
        try:
            path.write_bytes(content)
            return _load(api, call, call.project, resource, path)
        finally:
            path.unlink(missing_ok=True)
    if kind == "resumable":
        check_body("jobs.insert", call.json())
        name = api.uploads.begin(call.project, call.json())
        location = f"{call.url}?uploadType=resumable&upload_id={name}"
        return Reply(headers={"Location": location, "X-GUploader-UploadID": name})
    raise ApiError("invalid", f"Invalid value for uploadType: {kind}", location="uploadType")


def put(api: Api, call: Call) -> Reply:
    """PUT of a chunk; the last one answers with the job.

    A chunk that does not begin where the last one ended is not taken: the answer says what is
    there, as Google's resumable protocol has it.
    """
    name = call.query.get("upload_id", "")
    upload = api.uploads.get(name)
    if isinstance(upload, Reply):
        # That answer was lost.
        return upload
    found = _RANGE.fullmatch(call.headers.get("content-range", "bytes */*"))
    if not found:
        raise ApiError("invalid", "Invalid Content-Range", location="Content-Range")
    first, last, total = found.groups()
    with upload.lock:
        # The same chunk may be under way twice: the other has ended the upload meanwhile.
        if isinstance(ended := api.uploads.get(name), Reply):
            return ended
        if first is not None:
            beyond = total != "*" and int(last) >= int(total)
            if int(last) - int(first) + 1 != call.received or beyond:
                raise ApiError("invalid", "Content-Range does not match the length of the body")
            if int(first) != upload.received:
                return _incomplete(upload)
            _write_down(call, upload, whole=not upload.received)
            upload.received += call.received
        elif call.received and "content-range" not in call.headers:
            _write_down(call, upload, whole=True)
            upload.received, total = call.received, str(call.received)
        if total == "*" or int(total) != upload.received:
            return _incomplete(upload)
        answer = None
        try:
            answer = _load(api, call, upload.project, upload.resource, upload.path)
        finally:
            api.uploads.end(name, answer)
        return answer


def _write_down(call: Call, upload: _Upload, *, whole: bool) -> None:
    """Put the content of a call into an upload's file, or behind what is there."""
    if call.spool is not None:
        call.spool.move_to(upload.path, whole=whole)
        return
    with upload.path.open("wb" if whole else "ab") as file:
        file.write(call.body)


def _incomplete(upload: _Upload) -> Reply:
    headers = {"Range": f"bytes=0-{upload.received - 1}"} if upload.received else {}
    return Reply(status=308, headers=headers)


def _load(api: Api, call: Call, project: str, resource: dict[str, Any], path: Path) -> Reply:
    source = Source(paths=(path,))
    job = api.jobs.insert(project, resource, source=source, fault=call.fault)
    return reply(job.resource(), job=job)


def _parts(call: Call) -> tuple[dict[str, Any], bytes]:
    """The two parts of multipart/related: the resource and the file."""
    kind = call.headers.get("content-type", "")
    found = re.search(r'boundary="?([^";]+)"?', kind)
    if not found:
        raise ApiError("invalid", "Multipart upload without a boundary")
    mark = b"--" + found[1].encode()
    pieces = (b"\r\n" + call.body).split(b"\r\n" + mark)
    # What stands before the first mark, two parts, and the end mark with two dashes.
    if len(pieces) != 4 or not pieces[3].startswith(b"--"):  # noqa: PLR2004
        raise ApiError("invalid", "Multipart upload must have two parts")
    resource = json_object(_content(pieces[1]))
    check_body("jobs.insert", resource)
    return resource, _content(pieces[2])


def _content(piece: bytes) -> bytes:
    head, blank, content = piece.partition(b"\r\n\r\n")
    if not blank:
        raise ApiError("invalid", "Malformed part in a multipart upload")
    BytesHeaderParser().parsebytes(head)
    return content
