"""One entry of a cassette's index, and the errors that name its line."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from harness.errors import CassetteError
from harness.nearest import meant
from harness.replay.demand import MATCHES, Demand
from harness.replay.recording import CODINGS, Recording
from harness.replay.urls import is_web_url

if TYPE_CHECKING:
    from pathlib import Path

_REQUIRED = ("method", "url", "status")
_KEYS = (
    *(*_REQUIRED, "headers", "body", "sha256", "encoding", "cut", "request"),
    *("ignore_query", "sample", "generated", "recorded", "note"),
)
_REQUEST_KEYS = ("headers", "body", "sha256", "match", "ignore")
_LAST_STATUS = 599
# hashlib's way with files makes a buffer of 256 KiB for each, which small ones pay for dearly.
_SMALL = 1 << 18


class Entry:
    """Reads one entry.

    Args:
        index: The cassette's index.
        folder: The folder that it is in, without symbolic links.
        number: The entry's place in it, from 0.
    """

    def __init__(self, *, index: Path, folder: Path, number: int) -> None:
        self._index = index
        self._folder = folder
        self._number = number

    def read(self, value: Any) -> Recording:
        """The recording that the entry states.

        Args:
            value: The entry as YAML gives it.

        Raises:
            CassetteError: Something in it cannot be used, or a body is not what its sha256 says.
        """
        if not isinstance(value, dict):
            raise self._error("is not a mapping of names to values")
        self._check_names(value, _KEYS)
        for key in _REQUIRED:
            if key not in value:
                raise self._error(f"has no {key!r}")
        body, digest = self._body(value)
        return Recording(
            method=str(value["method"]).upper(),
            url=self._url(value),
            status=self._status(value),
            headers=self._headers(value),
            body=body,
            sha256=digest,
            encoding=self._encoding(value),
            whole=self._whole(value),
            cut=self._cut(value, body),
            request=self._request(value),
            ignore_query=self._names(value, "ignore_query", "a list of query keys"),
            generated="generated" in value,
            recorded=str(value.get("recorded", "")),
            note=str(value.get("note", "")),
            source=f"{self._index}, recording {self._number + 1}",
        )

    def _check_names(self, value: dict[str, Any], known: tuple[str, ...]) -> None:
        for key in value:
            if key not in known:
                near = meant(str(key), known)
                hint = f"did you mean {near!r}?" if near else ""
                raise self._error(f"has an unknown key {key!r}", hint, key=key)

    def _url(self, value: dict[str, Any]) -> str:
        url = str(value["url"])
        if not is_web_url(url):
            raise self._wrong(value, "url", "an absolute http or https URL")
        return url

    def _status(self, value: dict[str, Any]) -> int:
        status = value["status"]
        # 1xx answers are never final, so none can be played.
        if not isinstance(status, int) or not HTTPStatus.OK <= status <= _LAST_STATUS:
            raise self._wrong(value, "status", "a number from 200 to 599")
        return status

    def _headers(self, value: dict[str, Any]) -> tuple[tuple[str, str], ...]:
        headers = value.get("headers", {})
        if not isinstance(headers, dict):
            raise self._wrong(value, "headers", "a mapping; a repeated header has a list of values")
        return tuple(
            (str(name), str(text))
            for name, texts in headers.items()
            for text in (texts if isinstance(texts, list) else [texts])
        )

    def _encoding(self, value: dict[str, Any]) -> str:
        encoding = value.get("encoding", "")
        if encoding and encoding not in CODINGS:
            raise self._wrong(value, "encoding", f"one of {', '.join(CODINGS)}")
        return str(encoding)

    def _cut(self, value: dict[str, Any], body: Path | None) -> int:
        cut = value.get("cut", 0)
        there = 0 if body is None else body.stat().st_size
        if not isinstance(cut, int) or (cut and cut <= there):
            wanted = f"the size that was announced, which is more than the {there} bytes there are"
            raise self._wrong(value, "cut", wanted)
        return cut

    def _whole(self, value: dict[str, Any]) -> int:
        sample = value.get("sample", {"bytes": 0})
        size = sample.get("bytes") if isinstance(sample, dict) else None
        if not isinstance(size, int):
            raise self._wrong(value, "sample", "a mapping of rows, of, bytes and sha256")
        return size

    def _request(self, value: dict[str, Any]) -> Demand:
        asked = value.get("request", {})
        if not isinstance(asked, dict):
            raise self._wrong(value, "request", "a mapping of headers, body, match and ignore")
        self._check_names(asked, _REQUEST_KEYS)
        match = asked.get("match", "bytes")
        if match not in MATCHES:
            raise self._wrong(asked, "match", f"one of {', '.join(MATCHES)}", line="request")
        body, digest = self._body(asked, line="request")
        return Demand(
            headers=tuple((name.lower(), text) for name, text in self._headers(asked)),
            body=body,
            sha256=digest,
            match=match,
            ignore=self._names(asked, "ignore", "a list of names", line="request"),
        )

    def _names(
        self, value: dict[str, Any], key: str, wanted: str, *, line: str | None = None
    ) -> tuple[str, ...]:
        names = value.get(key, [])
        if not isinstance(names, list):
            raise self._wrong(value, key, wanted, line=line)
        return tuple(str(name) for name in names)

    def _body(self, value: dict[str, Any], *, line: str | None = None) -> tuple[Path | None, str]:
        if value.get("body") is None:
            return None, ""
        file = (self._folder / str(value["body"])).resolve()
        if not file.is_relative_to(self._folder):
            raise self._wrong(value, "body", "a file inside the cassette's folder", line=line)
        try:
            found = _digest(file)
        except OSError as error:
            raise self._error(
                "has a body that cannot be read", str(error), key=line or "body"
            ) from error
        stated = str(value.get("sha256", "")).lower()
        if found != stated:
            raise self._error(
                "has a body that is not what its sha256 says",
                f"{file.name} has {found}, the index says {stated or 'nothing'}",
                key=line or ("sha256" if "sha256" in value else "body"),
            )
        return file, found

    def _wrong(
        self, value: dict[str, Any], key: str, wanted: str, *, line: str | None = None
    ) -> CassetteError:
        return self._error(
            f"has a {key!r} that cannot be used",
            f"expected {wanted}, found {value[key]!r}",
            key=line or key,
        )

    def _error(self, what: str, cause: str = "", *, key: str | None = None) -> CassetteError:
        return CassetteError(
            f"{self._index}:{self._line(key)}: recording {self._number + 1} {what}",
            cause=cause,
            remedy="correct the entry, or make the recording again",
        )

    def _line(self, key: str | None) -> int:
        """The entry's line, or that of one of its keys.

        The index is read again for it: a reader that keeps lines is six times slower.
        """
        entries = YAML(typ="rt", pure=True).load(self._index)
        entry = entries[self._number]
        line: int = (
            entry.lc.key(key)[0]
            if key is not None and key in entry
            else entries.lc.item(self._number)[0]
        )
        return line + 1


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        beginning = stream.read(_SMALL)
        if len(beginning) < _SMALL:
            return hashlib.sha256(beginning).hexdigest()
        stream.seek(0)
        return hashlib.file_digest(stream, "sha256").hexdigest()
