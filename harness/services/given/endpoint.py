"""The address of a service that is there already: read, tried, and refused with a reason."""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
from typing import Any
from urllib.parse import urlsplit

from harness.errors import InputError, ServiceError

_PATIENCE = 10.0
_OK = 200
_SIGN_IN = {401, 403}


def endpoint(text: str, *, service: str) -> str:
    """An address in its plain form, ``http://host:port``.

    Args:
        text: What the user wrote.
        service: The service's name, which is also the option's.

    Raises:
        InputError: It is no such address, or it is Google's own.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), 0
    plain = parts.path in {"", "/"} and not (parts.query or parts.fragment or parts.username)
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0 or not plain:
        # What stands before an @ may be a password.
        safe = re.sub(r"//.*@", "//***@", text)
        raise InputError(
            f"{safe!r} is no address of a {service} service",
            cause="an address is http:// or https://, a host and a port, and nothing else",
            remedy=f"write it as --{service} http://localhost:4443",
        )
    host = parts.hostname
    if host == "googleapis.com" or host.endswith((".googleapis.com", ".google.com")):
        raise InputError(
            f"{text} is Google's own service",
            cause="what is there is real, and a test empties its services",
            remedy="use --real-google PROJECT: it works in a bucket and a dataset of its own",
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def ask(address: str, path: str, *, service: str) -> dict[str, Any]:
    """Make one request and return the JSON object that is the answer.

    Args:
        address: What ``endpoint`` gave.
        path: The path, with its query.
        service: The service's name.

    Raises:
        ServiceError: It does not answer, or not as such a service does; the message says why.
    """
    parts = urlsplit(address)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_PATIENCE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        status, body = response.status, response.read()
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(address, error, service=service) from error
    finally:
        connection.close()
    return _understood(address, path, status, body, service=service)


def _understood(
    address: str, path: str, status: int, body: bytes, *, service: str
) -> dict[str, Any]:
    text = body[:300].decode("utf-8", "replace").strip()
    evidence = [f"GET {address}{path}", f"status {status}: {text or 'nothing'}"]
    if address.startswith("http:") and "HTTPS server" in text:
        raise ServiceError(
            f"the {service} service at {address} speaks HTTPS",
            evidence=evidence,
            remedy=f"write https:// in --{service}, or start the service with plain HTTP",
        )
    if status in _SIGN_IN:
        raise ServiceError(
            f"the {service} service at {address} wants credentials",
            cause="an emulator asks for none, and the harness gives it none",
            evidence=evidence,
            remedy="name an emulator; real Google Cloud is used by --real-google PROJECT",
        )
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or status != _OK:
        said = answer.get("error") if isinstance(answer, dict) else None
        known = isinstance(said, dict) and "message" in said
        raise ServiceError(
            f"what answers at {address} is not a {service} service that can be used",
            cause=str(said["message"])
            if isinstance(said, dict) and known
            else "its answer is not that of the service's JSON API",
            evidence=evidence,
            remedy=f"correct the address in --{service}, or the project in gcp_project",
        )
    return answer


def _unreachable(address: str, error: Exception, *, service: str) -> ServiceError:
    parts = urlsplit(address)
    remedy = f"start it, or correct the address in --{service}"
    if isinstance(error, socket.gaierror):
        cause = f"there is no host named {parts.hostname}"
    elif isinstance(error, ssl.SSLCertVerificationError):
        cause = f"its certificate is not trusted: {error.verify_message}"
        remedy = "start it with plain HTTP, or name its authority's file by SSL_CERT_FILE"
    elif isinstance(error, ssl.SSLError):
        cause = "it does not speak HTTPS"
        remedy = f"write http:// in --{service}"
    elif isinstance(error, ConnectionRefusedError):
        cause = f"nothing listens on port {parts.port or parts.scheme} there"
    elif isinstance(error, TimeoutError):
        cause = f"it said nothing for {_PATIENCE:.0f} seconds"
    else:
        cause = repr(error)
    return ServiceError(
        f"the {service} service at {address} does not answer", cause=cause, remedy=remedy
    )
