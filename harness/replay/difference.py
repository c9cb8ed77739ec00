"""In what a request differs from the one that was recorded: by names, never by values."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from harness.plain import counted
from harness.replay.demand import comparable
from harness.replay.secrecy import form_without_secrets, read_json, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.replay.recording import Recording

# Where more than that differs, it is another request and no moment or number of it.
_FEW = 5
# Beyond so many, a refusal would no longer be "at once".
_MANY = 500


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What a request has otherwise than a recording asks of it.

    Attributes:
        source: The index and the entry that state the recording.
        headers: The headers that differ, by name.
        names: The names within JSON, or the fields of a form, that differ.
        body: Whether the bodies differ.
    """

    source: str
    headers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    body: bool = False

    @property
    def volatile(self) -> tuple[str, ...]:
        """The names that may be such as differ each time; none where more differs than these."""
        few = 0 < len(self.names) <= _FEW and "" not in self.names and not self.headers
        return self.names if few else ()

    def __str__(self) -> str:
        parts = [f"header {name}" for name in self.headers]
        if self.names and "" not in self.names:
            more = len(self.names) - _FEW
            shown = ", ".join(self.names[:_FEW])
            parts.append(f"{shown} and {counted(more, 'other name')}" if more > 0 else shown)
        elif self.body:
            parts.append("the body")
        text = f"it differs from {self.source} in: {', '.join(parts)}"
        if self.volatile:
            text += (
                f"; if that is another value each time, write 'ignore: [{', '.join(self.names)}]' "
                "there under 'request'"
            )
        return text


def nearest_difference(
    recordings: Iterable[Recording], *, headers: Mapping[str, str], body: bytes
) -> Difference | None:
    """The difference to the recording that a request is most like; None where there is none.

    A recording whose body cannot be read is passed over.

    Args:
        recordings: The recordings of the request's method and URL.
        headers: The request's headers, by name in lower case.
        body: Its body.
    """
    found = []
    for recording in islice(recordings, _MANY):
        with suppress(OSError):
            found.append(_difference(recording, headers, body))
    return min(found, key=lambda one: (len(one.headers), one.body, len(one.names)), default=None)


def _difference(recording: Recording, headers: Mapping[str, str], body: bytes) -> Difference:
    asked = recording.request
    wanted = b"" if asked.body is None else asked.body.read_bytes()
    rules: dict[str, Any] = {"match": asked.match, "ignore": asked.ignore}
    other = asked.body is not None and comparable(wanted, **rules) != comparable(body, **rules)
    names: tuple[str, ...] = ()
    if other and asked.match != "bytes":
        was, now = (_values(one, form=asked.match == "form") for one in (wanted, body))
        differing = (name for name in {**was, **now} if was.get(name) != now.get(name))
        names = tuple(name for name in differing if name not in asked.ignore)
    return Difference(
        source=recording.source,
        headers=tuple(name for name, text in asked.headers if headers.get(name) != text),
        names=names,
        body=other,
    )


def _values(body: bytes, *, form: bool) -> dict[str, list[Any]]:
    """The values of a body by their names, with dots between levels."""
    found: dict[str, list[Any]] = {}
    try:
        if form:
            for name, value in parse_qsl(
                form_without_secrets(body.decode()), keep_blank_values=True
            ):
                found.setdefault(name, []).append(value)
        else:
            _walk(without_secrets(read_json(body)), "", found)
    except ValueError:
        return {"": [body]}
    return found


def _walk(value: Any, path: str, found: dict[str, list[Any]]) -> None:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            _walk(inner, f"{path}.{name}" if path else str(name), found)
    elif isinstance(value, list) and value:
        for inner in value:
            _walk(inner, path, found)
    else:
        found.setdefault(path, []).append(value)
