"""Looks for secrets in what is about to be kept, or was kept: nothing is saved with one in it.

Patterns of well-known services come from detect-secrets; its guesses by entropy are left out,
since data is full of hashes and ids.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from harness.record.inside import inside
from harness.record.literals import LARGE, Literals, matches
from harness.replay.secrecy import SCRUBBED, jwts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# Modules of detect_secrets.plugins whose patterns are sure of what they find.
_PLUGINS = (
    *("artifactory", "aws", "azure_storage_key", "basic_auth", "discord", "github_token"),
    *("gitlab_token", "mailchimp", "npm", "openai", "private_key", "pypi_token"),
    *("sendgrid", "slack", "square_oauth", "stripe", "telegram_token", "twilio"),
)
_GOOGLE = (r"AIza[0-9A-Za-z_-]{35}", r"ya29\.[0-9A-Za-z_-]{20,}", r"GOCSPX-[0-9A-Za-z_-]{20,}")
_KEY_BEGINS = "PRIVATE KEY"
_KEY = r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
# No key of a service is shorter.
_LONG = re.compile(r"\S{16}")
_SHORT = 1 << 12
"""So few characters are searched for each pattern before RE2 is there."""
_SHOWN = 4


@dataclass(frozen=True, kw_only=True)
class Leak:
    """A secret that was found.

    Attributes:
        file: The file that holds it.
        line: Its line, from 1.
        kind: What it is.
        shown: Its first characters, fit to be shown.
    """

    file: Path
    line: int
    kind: str
    shown: str

    def __str__(self) -> str:
        return f"{self.file.name}, line {self.line}: {self.kind} {self.shown}..."


def leaks(files: Iterable[Path], *, known: Iterable[str] = ()) -> tuple[Leak, ...]:
    """The secrets that files hold, one for each kind and file.

    Args:
        files: The files; what is packed is looked into.
        known: Values that must not be in any of them.

    Raises:
        OSError: A file cannot be read.
    """
    literals = Literals(known)
    return tuple(leak for file in files for leak in _in_file(file, literals))


def without_tokens(text: str) -> str:
    """A text without what is a secret by its form: keys of well-known services, JSON Web Tokens.

    Args:
        text: The text.
    """
    for token in jwts(text):
        text = text.replace(token, SCRUBBED)
    if _KEY_BEGINS in text:
        text = re.sub(_KEY, SCRUBBED, text, flags=re.DOTALL)
    if _LONG.search(text) is None:
        return text
    tried = patterns() if len(text) < _SHORT else _worth(text.encode("utf-8", "surrogateescape"))
    for _, pattern in tried:
        text = pattern.sub(SCRUBBED, text)
    return text


def _in_file(file: Path, known: Literals) -> Iterator[Leak]:
    seen: set[str] = set()
    for content in inside(file.read_bytes()):
        for leak in _in_content(file, content, known):
            if leak.kind not in seen:
                seen.add(leak.kind)
                yield leak


def _in_content(file: Path, content: bytes, known: Literals) -> Iterator[Leak]:
    sent = known.first(content)
    if sent is not None:
        place, value = sent
        yield Leak(
            file=file,
            line=content.count(b"\n", 0, place) + 1,
            kind="a secret that was sent",
            shown=value[:_SHOWN].decode("utf-8", "replace"),
        )
    text = content.decode("utf-8", "ignore")
    for token in jwts(text):
        yield _leak(file, text, text.find(token), kind="JSON Web Token", shown=token)
    for kind, pattern in _worth_trying(content):
        found = pattern.search(text)
        if found:
            yield _leak(file, text, found.start(), kind=kind, shown=found.group())


def _leak(file: Path, text: str, place: int, *, kind: str, shown: str) -> Leak:
    return Leak(file=file, line=text.count("\n", 0, place) + 1, kind=kind, shown=shown[:_SHOWN])


def _worth_trying(content: bytes) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The patterns, without those that a quick look at a large body rules out together."""
    return _worth(content) if len(content) >= LARGE else patterns()


def _worth(content: bytes) -> tuple[tuple[str, re.Pattern[str]], ...]:
    quick, others = _together()
    return patterns() if matches(content, quick) else others


@cache
def _together() -> tuple[str, tuple[tuple[str, re.Pattern[str]], ...]]:
    """One pattern of RE2 for all that it can read, and the others."""
    import pyarrow as pa  # noqa: PLC0415

    read, others = [], []
    for kind, pattern in patterns():
        flags = "i" if pattern.flags & re.IGNORECASE else ""
        one = f"(?{flags}:{pattern.pattern})"
        try:
            matches(b"", one)
        except pa.ArrowInvalid:
            others.append((kind, pattern))
        else:
            read.append(one)
    return "|".join(read), tuple(others)


@cache
def patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """What secrets of well-known services look like, each with its kind."""
    found = []
    for name in _PLUGINS:
        module = import_module(f"detect_secrets.plugins.{name}")
        for detector in vars(module).values():
            if isinstance(detector, type) and detector.__module__ == module.__name__:
                patterns = getattr(detector, "denylist", ())
                kind = str(getattr(detector, "secret_type", name))
                found += [
                    (kind, re.compile(one) if isinstance(one, str) else one) for one in patterns
                ]
    found += [("Google credential", re.compile(pattern)) for pattern in _GOOGLE]
    return tuple(found)
