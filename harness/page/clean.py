"""Foreign text, fit for a page: no secrets, no signs that do not print, no more than is wanted.

Markup needs no care here: what is not ``Markup`` is escaped by the template.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.page import limits
from harness.plain import printable, visible
from harness.record.scan import without_tokens
from harness.running.secrets import Masking

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Cleaner:
    """Makes text fit.

    Args:
        known: Secrets that are known.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._mask = Masking(lambda: known)

    def line(self, text: object, *, most: int) -> str:
        """A text on one line; a longer one ends in three dots.

        Args:
            text: The text, or what is shown as one.
            most: Characters at most, but for escapes.
        """
        masked = self._mask.text(str(text)[: most + limits.FURTHER])
        return visible(_cut(" ".join(masked.split()), most))

    def cells(self, texts: Sequence[str | None], *, most: int) -> list[str | None]:
        """Many short texts at once, each as it is; nulls stay nulls.

        Args:
            texts: The texts.
            most: Characters of each at most, but for escapes.
        """
        shown = [visible(self._mask.secrets.text(text)) for text in texts if text is not None]
        together = without_tokens("\n".join(shown)).split("\n")
        if len(together) != len(shown):
            together = [without_tokens(text) for text in shown]
        coming = iter(together)
        return [None if text is None else _cut(next(coming), most) for text in texts]

    def text(self, text: str) -> str:
        """A text of several lines, each as it is but for secrets and terminal sequences."""
        return printable(self._mask.text(text))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."
