"""Secrets are taken out of a bundle, and none is made that still has one.

Texts of the run, of the settings and of the project have the word ``scrubbed`` in their place.
Data is not changed: where it holds a secret, there is no bundle.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness.errors import InputError
from harness.project.io_config import NAME as IO_CONFIG
from harness.project.io_config import entries
from harness.record.scan import leaks, patterns
from harness.replay.secrecy import SCRUBBED, is_secret, jwts
from harness.running.child_environment import read_env_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from harness.services.stack import Stack
    from harness.settings import Settings

_SHORTEST = 8
_LONGEST_WORD = 12
_SHOWN = 10
# A variable of a template or of an f-string stands for a secret, and is none.
_OPEN = frozenset("{}<>$%")
_LINE = re.compile(
    rb"^(?P<before>[ \t]*(?P<key>\w+):[ \t]+)(?P<value>[^\s#|>&*{\[].*)$", re.MULTILINE
)
_KEY_OF_LINES, _IN_URL = "Private Key", "Basic Auth Credentials"
"""Kinds of which only the beginning is found, and of which the password is a part."""
# Some patterns take what stands before and behind for a part.
_AROUND = " \t\r\n\"'=:"
_DATA = ("state/", "fixtures/", "files/", "seeds/", "outputs/")


def known_secrets(
    stack: Stack, settings: Settings, *, variables: Mapping[str, Any], io_config: str
) -> list[str]:
    """The secrets that are known by their names, the longest first.

    Args:
        stack: With the credentials of the private services.
        settings: With the pipelines' variables and secrets.
        variables: The runtime variables.
        io_config: The text of the project's io_config.yaml.
    """
    named = [*stack.environment().items(), *stack.values().items(), *settings.env.items()]
    if settings.env_file is not None:
        named += read_env_file(settings.env_file).items()
    named += [(name, str(value)) for name, value in variables.items()]
    named += [(one.key, one.text) for one in entries(io_config)]
    values = {value for name, value in named if is_secret(name)} | {*settings.secrets.values()}
    return sorted(filter(_telling, values), key=lambda value: (-len(value), value))


def without_secrets(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with the word ``scrubbed`` for each secret; ``{names}`` of services stay.

    Args:
        settings: The settings.
    """
    env = without_secret_names(settings["env"])
    secrets = {
        name: value if _named(value) else SCRUBBED for name, value in settings["secrets"].items()
    }
    return {**settings, "env": env, "secrets": secrets}


def without_secret_names(named: Mapping[str, Any]) -> dict[str, Any]:
    """Variables with the word ``scrubbed`` where the name says that the value is secret.

    Args:
        named: The variables.
    """
    return {
        name: SCRUBBED if is_secret(name) and not _named(value) else value
        for name, value in named.items()
    }


def scrub(folder: Path, *, known: Iterable[str]) -> list[str]:
    """Take secrets out of the texts in a folder that are no data.

    Args:
        folder: The folder of the bundle.
        known: Secrets, the longest first.

    Returns:
        The members that were changed.
    """
    values = [value.encode() for value in known]
    changed = []
    for file in sorted(one for one in folder.rglob("*") if one.is_file()):
        name = file.relative_to(folder).as_posix()
        content = file.read_bytes()
        if name.startswith(_DATA) or b"\0" in content:
            continue
        clean = _lines_scrubbed(content) if file.name == IO_CONFIG else content
        for value in values:
            clean = clean.replace(value, SCRUBBED.encode())
        text = clean.decode("utf-8", "surrogateescape")
        for found in sorted({secret for _, secret in _found(text)}, key=len, reverse=True):
            text = text.replace(found, SCRUBBED)
        clean = text.encode("utf-8", "surrogateescape")
        if clean != content:
            file.write_bytes(clean)
            changed.append(name)
    return changed


def require_none(folder: Path, *, known: Iterable[str]) -> None:
    """Look for secrets in all of a bundle, also in what is packed.

    Args:
        folder: The folder of the bundle.
        known: Values that must not be in it.

    Raises:
        InputError: There is one; the message names the member.
    """
    values = list(known)
    told = [
        line
        for file in sorted(one for one in folder.rglob("*") if one.is_file())
        for line in _told(file, file.relative_to(folder).as_posix(), values)
    ]
    if told:
        raise InputError(
            "no bundle was made: it would hold a secret",
            evidence=told[:_SHOWN],
            remedy="take it out of the project, the recording or the data that has it, and run "
            "again",
        )


def _lines_scrubbed(content: bytes) -> bytes:
    """An io_config.yaml without the values whose keys say that they are secret."""

    def scrubbed(line: re.Match[bytes]) -> bytes:
        plain = is_secret(line["key"].decode()) and b"{{" not in line["value"]
        return line["before"] + SCRUBBED.encode() if plain else line.group()

    return _LINE.sub(scrubbed, content)


def _told(file: Path, name: str, known: list[str]) -> Iterator[str]:
    if name.startswith(_DATA):
        for leak in leaks([file], known=known):
            yield f"{name}, line {leak.line}: {leak.kind} {leak.shown}..."
        return
    content = file.read_bytes()
    if b"\0" in content:
        for leak in leaks([file], known=known):
            yield f"{name}: {leak.kind} {leak.shown}..."
        return
    text = content.decode("utf-8", "surrogateescape")
    if any(value in text for value in known):
        yield f"{name}: a secret of the settings or of a service"
    for kind, _ in _found(text, whole=True):
        yield f"{name}: {kind}"


def _found(text: str, *, whole: bool = False) -> Iterator[tuple[str, str]]:
    """What looks like a secret of a well-known service, with its kind.

    Args:
        text: The text.
        whole: Also what cannot be taken out, since its form is only its beginning.
    """
    for token in jwts(text):
        yield "JSON Web Token", token
    for kind, pattern in patterns():
        if kind == _KEY_OF_LINES and not whole:
            continue
        for match in pattern.finditer(text):
            if kind != _IN_URL:
                yield kind, match.group().strip(_AROUND)
            elif _telling(match[1]):
                yield kind, match[1]


def _telling(value: str) -> bool:
    """Whether a value is no placeholder, and no word or number that stands anywhere."""
    word = value.isalpha() and value.islower() and len(value) < _LONGEST_WORD
    return len(value) >= _SHORTEST and not word and not _OPEN & set(value)


def _named(value: object) -> bool:
    return "{" in str(value)
