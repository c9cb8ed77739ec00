"""Files that would be written: their difference to what is there, and the writing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.contracts.text import difference
from harness.errors import InputError
from harness.machine.space import explained

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One file.

    Attributes:
        file: Where it goes.
        text: What it would hold.
        merged: Whether the text keeps what the file holds, so that nothing is lost by it.
    """

    file: Path
    text: str
    merged: bool = False

    @property
    def before(self) -> str:
        """What the file holds; empty where it is not there."""
        try:
            return self.file.read_text("utf-8")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                f"{self.file} cannot be read", cause=str(error), remedy="remove it, or mend it"
            ) from error

    @property
    def same(self) -> bool:
        """Whether the file holds the text already."""
        return self.before == self.text

    def kept(self, *, force: bool) -> bool:
        """Whether the file stays as it is, since somebody may have worked on it.

        Args:
            force: Whether it is overwritten all the same.
        """
        return self.file.exists() and not (self.merged or force)

    def difference(self, *, root: Path) -> list[str]:
        """The lines of a unified difference.

        Args:
            root: What the file's name is shown relative to.
        """
        return difference(self.before, self.text, file=str(self.file.relative_to(root)))


def write(drafts: Iterable[Draft], *, force: bool) -> tuple[list[Draft], list[Draft]]:
    """Write the files that are not there, or may be changed.

    Args:
        drafts: The files.
        force: Whether those that are there are overwritten.

    Returns:
        Those that were written, and those that stay as they are and would be different.

    Raises:
        InputError: A file cannot be written.
        EnvironmentNotAbleError: There is no room.
    """
    written: list[Draft] = []
    kept: list[Draft] = []
    for draft in drafts:
        if draft.same:
            continue
        if draft.kept(force=force):
            kept.append(draft)
            continue
        with explained(draft.file.parent, doing="writing the tests"):
            try:
                draft.file.parent.mkdir(parents=True, exist_ok=True)
                draft.file.write_text(draft.text, "utf-8")
            except OSError as error:
                raise InputError(
                    f"{draft.file} cannot be written",
                    cause=str(error.strerror or error),
                    remedy="check who may write there",
                ) from error
        written.append(draft)
    return written, kept
