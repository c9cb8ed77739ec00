"""The process of the private S3: moto's, behind what the harness asks of it besides.

Run as ``python -m harness.services.embedded.s3_program HOST PORT CONTROL``. Buckets that a request
writes to are made, as production has them; requests that fail are kept for the verdict.
"""

from __future__ import annotations

import json
import re
import socket
import sys
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from moto import settings
from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import MotoRequestHandler, create_backend_app
from moto.s3 import models
from werkzeug.serving import make_server

from harness.services.s3_words import IN_USE, LISTENING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Environ = dict[str, Any]
    Start = Callable[..., Any]

_FAILED = 400
_BROKEN = 500
_REFUSED = "501 Not Implemented"
_CODE = re.compile(rb"<Code>([^<]+)</Code>")
_SIGNED_FOR = re.compile(r"Credential=[^/]*/\d+/[^/]*/([^/]+)/")
_SERVED = ("s3", "sts")
_UNSERVED = "<Error><Code>NotImplemented</Code><Message>%s is not played here</Message></Error>"
_ANYBODY = "AWS4-HMAC-SHA256 Credential=a/20200101/us-east-1/s3/aws4_request, Signature=0"
_REGION = "us-east-1"


class Front:
    """The application that the server calls.

    Args:
        control: The path below which the harness itself asks.
    """

    def __init__(self, control: str) -> None:
        self._control = control
        self._apps: dict[str, Any] = {"s3": create_backend_app("s3")}
        self._lock = threading.Lock()
        self._failed: list[dict[str, Any]] = []
        self._made: list[dict[str, Any]] = []
        self._offset = timedelta()
        self._now = models.utcnow
        models.utcnow = lambda: self._now() + self._offset

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer a request, as WSGI has it."""
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        if path.startswith(self._control):
            return self._controlled(path.removeprefix(self._control), environ, start)
        service = _service(environ)
        if service not in _SERVED:
            self._keep(environ, path, 501, "NotImplemented", service=service)
            start(_REFUSED, [("Content-Type", "application/xml")])
            return [(_UNSERVED % service).encode()]
        if service == "s3":
            if _is_signed(environ):
                self._make_bucket(environ, path)
            elif environ["REQUEST_METHOD"] in ("GET", "HEAD"):
                # As from the public buckets that pipelines name; nobody writes there so.
                environ["HTTP_AUTHORIZATION"] = _ANYBODY
        return self._watched(service, environ, path, start)

    def _watched(self, service: str, environ: Environ, path: str, start: Start) -> Iterable[bytes]:
        status = 0

        def started(text: str, headers: Any, *failure: Any) -> Any:
            nonlocal status
            status = int(text.split(maxsplit=1)[0])
            return start(text, headers, *failure)

        try:
            body: Iterable[bytes] = self._app(service)(environ, started)
            if status < _FAILED:
                return body
            content = b"".join(body)
        except Exception as error:
            self._keep(environ, path, _BROKEN, type(error).__name__)
            raise
        code = _CODE.search(content)
        self._keep(environ, path, status, code[1].decode() if code else "")
        return [content]

    def _app(self, service: str) -> Any:
        with self._lock:
            if service not in self._apps:
                self._apps[service] = create_backend_app(service)
            return self._apps[service]

    def _make_bucket(self, environ: Environ, path: str) -> None:
        bucket, _, key = path.lstrip("/").partition("/")
        if not key or environ["REQUEST_METHOD"] not in ("PUT", "POST"):
            return
        with self._lock:
            backend = _backend()
            if bucket not in backend.buckets:
                backend.create_bucket(bucket, _REGION)
                self._made.append({"at": time.time(), "name": bucket})

    def _keep(
        self, environ: Environ, path: str, status: int, code: str, *, service: str = "s3"
    ) -> None:
        bucket, _, key = path.lstrip("/").partition("/")
        failure = {
            "at": time.time(),
            "service": service,
            "method": environ["REQUEST_METHOD"],
            "bucket": bucket,
            "key": key,
            "asked": sorted(parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)),
            "copied": unquote(environ.get("HTTP_X_AMZ_COPY_SOURCE", "")),
            "status": status,
            "code": code,
        }
        with self._lock:
            self._failed.append(failure)

    def _controlled(self, asked: str, environ: Environ, start: Start) -> Iterable[bytes]:
        query = parse_qs(environ.get("QUERY_STRING", ""))
        with self._lock:
            if asked == "reset":
                _backend().reset()
                self._failed.clear()
                self._made.clear()
            elif asked == "clock":
                self._offset = timedelta(seconds=int(query["offset"][0]))
            answer = {"failed": self._failed, "made": self._made}
            if asked == "objects":
                answer = {"buckets": sorted(_backend().buckets), "objects": _objects()}
            content = json.dumps(answer).encode()
        start(
            "200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
        )
        return [content]


def main() -> None:
    """Serve until the process is ended."""
    host, port, control = sys.argv[1:]
    # Each bucket is named in the path, whatever the host is called.
    settings.S3_IGNORE_SUBDOMAIN_BUCKETNAME = True
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, int(port)))
        except OSError as error:
            sys.exit(f"{IN_USE}: {error}")
        listening.listen(128)
        server = make_server(
            host,
            int(port),
            Front(control),
            threaded=True,
            request_handler=_Quiet,
            fd=listening.fileno(),
        )
        sys.stdout.write(f"{LISTENING}\n")
        sys.stdout.flush()
        server.serve_forever()


class _Quiet(MotoRequestHandler):  # type: ignore[misc]
    # Head and body leave in two packets; Nagle would hold the second back for 40 ms.
    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Write faults alone: what fails is kept by the front."""
        if type == "error":
            super().log(type, message, *args)


def _backend() -> Any:
    return get_backend("s3")[DEFAULT_ACCOUNT_ID]["aws"]


def _objects() -> list[dict[str, Any]]:
    return [
        {
            "bucket": bucket.name,
            "name": key.name,
            "size": key.size,
            "generation": f"{key.etag} {key.last_modified.isoformat()}",
        }
        for bucket in _backend().buckets.values()
        for key in bucket.keys.values()
    ]


def _is_signed(environ: Environ) -> bool:
    return "HTTP_AUTHORIZATION" in environ or "Signature=" in environ.get("QUERY_STRING", "")


def _service(environ: Environ) -> str:
    """The service that a request is signed for; S3 takes unsigned ones."""
    found = _SIGNED_FOR.search(environ.get("HTTP_AUTHORIZATION", ""))
    return found[1] if found else "s3"


if __name__ == "__main__":
    main()
