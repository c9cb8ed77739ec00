"""What has been fetched from the sources: files in a private folder, until all of it is kept."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.errors import HarnessError
from harness.sources.limits import NotKeptError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from harness.sources.limits import Limits


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One table or object of a source, in the files of its seed.

    Attributes:
        service: ``postgres``, ``gcs`` or ``bigquery``.
        name: Its name there: ``schema.table``, ``bucket/object`` or ``dataset.table``.
        files: Its files below the folder of seeds.
        facts: What the index says of it besides.
    """

    service: str
    name: str
    files: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class Shelf:
    """Where the sources put what they fetch, and what could not be fetched.

    Attributes:
        folder: A private folder that is laid out as the folder of seeds.
        limits: How much may be fetched.
        progress: Told in a line what is being fetched.
        seconds: How long a source may take for one answer.
        problems: What could not be kept, each with its reason.
        lock: Held while something is fetched, so that nothing is fetched twice.
    """

    folder: Path
    limits: Limits
    progress: Callable[[str], None]
    seconds: float
    problems: dict[str, str] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def file(self, service: str, name: str) -> Path:
        """The place of a seed's file; its folder is made.

        Args:
            service: The service.
            name: The file below the service's folder.

        Raises:
            NotKeptError: The name is none of a file there.
        """
        file = self.folder / service / name
        if ".." in file.parts or name.startswith("/") or "\0" in name:
            raise NotKeptError("its name cannot be a file's: leave it out with --without")
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return file

    @contextmanager
    def fetching(self, what: str) -> Iterator[None]:
        """Note what goes wrong, and let the pipeline go on: its run is not kept then.

        Args:
            what: The service and the name.
        """
        try:
            yield
        except NotKeptError as error:
            self.problems[what] = str(error)
        except HarnessError as error:
            self.problems[what] = _short(f"{error.symptom}: {error.cause}")
        except Exception as error:  # noqa: BLE001 - a thread of a connection has nobody to tell
            self.problems[what] = _short(f"{type(error).__name__}: {error}")


def _short(text: str) -> str:
    """What went wrong in one line, without the statements that are shown beside it."""
    for mark in ("\n  evidence:", "\nLINE ", "\n\nQuery"):
        text = text.partition(mark)[0]
    return " ".join(text.split())
