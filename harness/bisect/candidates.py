"""What is searched: candidates in their order, each with the settings to run it with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from harness.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One of those that may have been the first bad one.

    Attributes:
        name: What it is known by: a commit's hash, a version; empty for the working tree.
        shown: The same for people, and short.
        title: A commit's subject, or an empty string.
    """

    name: str
    shown: str
    title: str = ""

    @property
    def line(self) -> str:
        """What it is called in a line."""
        return f"{self.shown} {self.title}".rstrip()


class Candidates(Protocol):
    """Candidates in their order.

    Attributes:
        all: All of them; the first is good and the last is bad, says the user.
        noun: What one of them is called.
    """

    all: Sequence[Candidate]
    noun: str

    def at(self, candidate: Candidate) -> AbstractContextManager[Settings]:
        """The settings that a candidate is run with, for as long as the context lasts.

        Args:
            candidate: One of them.

        Raises:
            InputError: It cannot be had.
            EnvironmentNotAbleError: This machine cannot have it.
        """

    def answer(self, before: Candidate, first: Candidate) -> Answer:
        """What is to be said of the first bad one.

        Args:
            before: The one before it, the last good one.
            first: The first bad one.
        """


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is known of the first bad one.

    Attributes:
        author: Who wrote the commit; empty where it is none.
        date: When, in ISO 8601; empty where it is no commit.
        files: The files that it changed, relative to the repository.
        inputs: What of the pipeline's inputs it changed, in lines such as ``utils/x.py changed``.
        further: How to go on, or an empty string.
    """

    author: str = ""
    date: str = ""
    files: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    further: str = ""
