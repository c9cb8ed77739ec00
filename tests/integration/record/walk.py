"""Asks an origin for one thing of each kind, with the client that is named, and prints each answer."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ORIGIN = "https://origin.test/"
STEPS = (
    ("GET", "release", {}, None),
    ("GET", "plain", {"accept-encoding": "gzip"}, None),
    ("GET", "plain", {"accept-encoding": "identity"}, None),
    ("GET", "chunked", {}, None),
    ("GET", "table.parquet", {"range": "bytes=4-99"}, None),
    ("GET", "table.parquet", {"range": "bytes=-8"}, None),
    ("HEAD", "table.parquet", {}, None),
    ("POST", "query", {"content-type": "application/json"}, b'{"q": "x"}'),
    ("POST", "query", {"content-type": "application/json"}, b'{"q": "y"}'),
    (
        *("POST", "token", {"content-type": "application/x-www-form-urlencoded"}),
        b"client_secret=hush-hush-hush&b=1",
    ),
    ("GET", "mine", {}, None),
    ("GET", "login", {}, None),
    ("GET", "mine", {}, None),
    *(("GET", f"pages?page={page}", {}, None) for page in (1, 2, 3)),
    ("GET", "none", {}, None),
    *(("GET", "busy", {}, None) for _ in range(3)),
    ("GET", "slow", {}, None),
    ("GET", "cut", {}, None),
)


def main(client):
    """Take all steps; where a body breaks off, its part may differ from client to client."""
    ask = CLIENTS[client]()
    for method, path, headers, body in STEPS:
        try:
            status, told, content = ask(method, ORIGIN + path, headers, body)
        except BrokenError:
            _say([path, "broken off"])
            continue
        kept = {name: told.get(name) for name in ("content-range", "retry-after", "etag")}
        digest = hashlib.sha256(content).hexdigest()[:12]
        _say([method, path, status, kept, len(content), digest])


def _say(value):
    sys.stdout.write(json.dumps(value) + "\n")


class BrokenError(Exception):
    """The body did not come to its end."""


def with_urllib():
    import gzip
    import http.client
    import urllib.request
    from http.cookiejar import CookieJar
    from urllib.error import HTTPError

    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def ask(method, url, headers, body):
        request = urllib.request.Request(url, data=body, headers=headers, method=method)
        try:
            answer = opener.open(request, timeout=30)
        except HTTPError as error:
            answer = error
        try:
            content = answer.read()
        except http.client.IncompleteRead as error:
            raise BrokenError from error
        if answer.headers.get("content-encoding") == "gzip":
            content = gzip.decompress(content)
        return answer.status, answer.headers, content

    return ask


def with_requests():
    import requests

    session = requests.Session()

    def ask(method, url, headers, body):
        try:
            answer = session.request(method, url, headers=headers, data=body, timeout=30)
        except requests.exceptions.ChunkedEncodingError as error:
            raise BrokenError from error
        return answer.status_code, answer.headers, answer.content

    return ask


def with_httpx():
    import httpx

    client = httpx.Client(follow_redirects=True, timeout=30)

    def ask(method, url, headers, body):
        try:
            answer = client.request(method, url, headers=headers, content=body)
        except httpx.RemoteProtocolError as error:
            raise BrokenError from error
        return answer.status_code, answer.headers, answer.content

    return ask


def with_aiohttp():
    import asyncio

    import aiohttp

    jar = {}

    async def one(method, url, headers, body):
        async with (
            aiohttp.ClientSession(trust_env=True, cookies=jar) as session,
            session.request(method, url, headers=headers, data=body) as answer,
        ):
            content = await answer.read()
            jar.update({name: morsel.value for name, morsel in answer.cookies.items()})
            return answer.status, answer.headers, content

    def ask(method, url, headers, body):
        try:
            return asyncio.run(one(method, url, headers, body))
        except aiohttp.ClientPayloadError as error:
            raise BrokenError from error

    return ask


def with_curl():
    folder = tempfile.mkdtemp()
    head, out, jar = (Path(folder) / name for name in ("head", "out", "jar"))

    def ask(method, url, headers, body):
        out.write_bytes(b"")
        done = subprocess.run(
            [
                *("curl", "-sSL", "--compressed", "-D", str(head), "-o", str(out)),
                *("-b", str(jar), "-c", str(jar), "-w", "%{http_code}"),
                *(part for pair in headers.items() for part in ("-H", ": ".join(pair))),
                *(("-I",) if method == "HEAD" else ()),
                *(("--data-binary", "@-") if body else ()),
                url,
            ],
            input=body,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise BrokenError(done.stderr)
        content = b"" if method == "HEAD" else out.read_bytes()
        return int(done.stdout), _last_headers(head.read_text()), content

    return ask


def with_wget():
    folder = tempfile.mkdtemp()
    out, jar = Path(folder) / "out", Path(folder) / "jar"

    def ask(method, url, headers, body):
        if "range" in headers:
            # It knows no ranges but the rest of a file, and takes a 206 for a failure.
            return None, {}, b""
        out.write_bytes(b"")
        done = subprocess.run(
            [
                *("wget", "-q", "-S", "--content-on-error", "--tries=1", "-O", str(out)),
                *("--load-cookies", str(jar), "--save-cookies", str(jar)),
                *("--keep-session-cookies", "--compression=auto"),
                *(f"--header={': '.join(pair)}" for pair in headers.items()),
                f"--method={method}",
                *((f"--body-data={body.decode()}",) if body else ()),
                url,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        told = "\n".join(line.strip() for line in done.stderr.splitlines())
        status = [int(line.split()[1]) for line in told.splitlines() if line.startswith("HTTP/")]
        if done.returncode not in (0, 8):
            raise BrokenError(done.stderr)
        return status[-1], _last_headers(told), out.read_bytes()

    return ask


def _last_headers(text):
    """The headers of the last answer of several."""
    last = text.replace("\r", "").strip().rpartition("HTTP/")[2]
    pairs = (line.partition(":") for line in last.splitlines()[1:])
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


CLIENTS = {
    "urllib": with_urllib,
    "requests": with_requests,
    "httpx": with_httpx,
    "aiohttp": with_aiohttp,
    "curl": with_curl,
    "wget": with_wget,
}

if __name__ == "__main__":
    main(sys.argv[1])
