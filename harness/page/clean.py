"""Foreign text, fit for a page: no secrets, no signs that do not print, no more than is wanted.

Markup needs no care here: what is not ``Markup`` is escaped by the template.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from harness.page import limits
from harness.plain import printable, visible
from harness.record.scan import without_tokens
from harness.record.secrets import Secrets
from harness.replay.secrecy import is_secret
from harness.running.child_environment import read_env_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness.settings import Settings

# Any scheme's: postgresql, mysql, redis; record.secrets knows that of http.
_USER = re.compile(r"(?P<scheme>\b[a-z][a-z\d+.-]{1,20}://)[^\s/?#\"'<>@\\]+@", re.IGNORECASE)


class Cleaner:
    """Makes text fit.

    Args:
        known: Secrets that are known.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._secrets = Secrets((), known=known)

    def line(self, text: object, *, most: int) -> str:
        """A text on one line; a longer one ends in three dots.

        Args:
            text: The text, or what is shown as one.
            most: Characters at most, but for escapes.
        """
        masked = self._masked(str(text)[: most + limits.FURTHER])
        return visible(_cut(" ".join(masked.split()), most))

    def cells(self, texts: Sequence[str | None], *, most: int) -> list[str | None]:
        """Many short texts at once, each as it is; nulls stay nulls.

        Args:
            texts: The texts.
            most: Characters of each at most, but for escapes.
        """
        shown = [visible(self._secrets.text(text)) for text in texts if text is not None]
        together = without_tokens("\n".join(shown)).split("\n")
        if len(together) != len(shown):
            together = [without_tokens(text) for text in shown]
        coming = iter(together)
        return [None if text is None else _cut(next(coming), most) for text in texts]

    def text(self, text: str) -> str:
        """A text of several lines, each as it is but for secrets and terminal sequences."""
        return printable(self._masked(text))

    def _masked(self, text: str) -> str:
        masked = self._secrets.body(text.encode("utf-8", "surrogateescape"))
        text = self._secrets.text(masked.decode("utf-8", "surrogateescape"))
        return without_tokens(_USER.sub(lambda user: user["scheme"], text))


def secrets_of(
    settings: Settings, *, given: Mapping[str, Any], variables: Mapping[str, Any]
) -> set[str]:
    """The secrets that a run may print, by the names that they have in its surroundings.

    Args:
        settings: The settings that it has.
        given: What its services gave it, by name.
        variables: Its runtime variables.
    """
    file = read_env_file(settings.env_file) if settings.env_file is not None else {}
    named = {**file, **settings.env, **given, **variables}
    found = {str(value) for name, value in named.items() if is_secret(name)}
    addresses = [str(value) for value in named.values() if "://" in str(value)]
    return {one for one in (*found, *settings.secrets.values(), *_passwords(addresses)) if one}


def _passwords(addresses: Iterable[str]) -> Iterable[str]:
    for address in addresses:
        try:
            password = urlsplit(address).password
        except ValueError:
            continue
        if password:
            yield from (password, unquote(password))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."
