"""coverage.py, told what all runs did: the one place that knows its library."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import coverage
from coverage.exceptions import CoverageException

from harness.errors import InputError
from harness.machine.space import explained

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from harness.coverage.notes import Note

# The lines of Mage's own templates that never run where Mage runs the file.
_GUARD = r"^\s*if\s+['\"]\w+['\"]\s+not\s+in\s+(globals|locals)\(\)\s*:"


@dataclass(frozen=True, kw_only=True)
class CoveredFile:
    """A file of the project.

    Attributes:
        path: The file, absolute.
        percent: Of its lines and branches together, how many ran, from 0 to 100.
        lines: How many lines hold a statement.
        lines_run: How many of those ran.
        branches: How many ways lead on from lines that have several.
        branches_run: How many of those were taken.
        missing: The lines that did not run.
        missing_branches: The ways that were not taken: from which line to which; a negative line
            is the end of the function that begins there.
    """

    path: Path
    percent: float
    lines: int
    lines_run: int
    branches: int
    branches_run: int
    missing: tuple[int, ...]
    missing_branches: tuple[tuple[int, int], ...]


class Measured:
    """What ran of some files, by coverage.py's own analysis of their source.

    Args:
        notes: All runs.
        files: The files that count, absolute, whether or not a run executed them.

    Raises:
        InputError: The settings of coverage.py in the current folder cannot be read.
    """

    def __init__(self, notes: Sequence[Note], *, files: Iterable[Path]) -> None:
        self._notes = notes
        self._files = frozenset(files)
        with _explained("the coverage", path=Path()):
            # Its settings (`omit`, `exclude_also`) count here as they do for other code.
            self._coverage = coverage.Coverage(data_file=None, branch=True, messages=False)
            self._coverage.exclude(_GUARD)
            # coverage.py leaves out what `[run]` omits while it measures, which it does not here.
            self._coverage.set_option(
                "report:omit", [*self._omitted("run"), *self._omitted("report")]
            )
            self._fill(self._coverage.get_data())

    def _omitted(self, section: str) -> Sequence[str]:
        found: Any = self._coverage.get_option(f"{section}:omit")
        return found or ()

    def text(self) -> tuple[str, float]:
        """coverage.py's own table, and the percentage of all."""
        out = io.StringIO()
        with _explained("the coverage", path=Path()):
            percent = self._coverage.report(file=out, show_missing=True, skip_empty=True)
        return out.getvalue(), percent

    def by_file(self) -> tuple[CoveredFile, ...]:
        """What ran of each file."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "facts.json"
            with _explained("the coverage", path=file):
                self._coverage.json_report(outfile=str(file))
            facts = json.loads(file.read_text("utf-8"))["files"]
        return tuple(_file(path, one) for path, one in facts.items())

    def write(self, kind: str, path: Path) -> None:
        """Write a report of coverage.py's.

        Args:
            kind: ``html``, ``xml``, ``lcov`` or ``json``.
            path: The file; for ``html`` the folder.

        Raises:
            InputError: It cannot be written.
        """
        with _explained(f"the coverage in {path}", path=path):
            path.parent.mkdir(parents=True, exist_ok=True)
            if kind == "html":
                self._coverage.html_report(directory=str(path), show_contexts=True)
            elif kind == "xml":
                self._coverage.xml_report(outfile=str(path))
            elif kind == "lcov":
                self._coverage.lcov_report(outfile=str(path))
            else:
                self._coverage.json_report(outfile=str(path), show_contexts=True)

    def keep(self, file: Path) -> None:
        """Write the data as coverage.py keeps them, for ``coverage combine`` and its like.

        Args:
            file: The file; what it held before is lost.

        Raises:
            InputError: It cannot be written.
        """
        with _explained(f"the coverage in {file}", path=file):
            file.parent.mkdir(parents=True, exist_ok=True)
            data = coverage.CoverageData(basename=str(file))
            data.erase()
            self._fill(data)
            data.close()

    def _fill(self, data: coverage.CoverageData) -> None:
        # Says that it is arcs that are kept, also where nothing ran.
        data.add_arcs({})
        for note in self._notes:
            for (file, block), arcs in note.arcs.items():
                if note.project / file not in self._files:
                    continue
                who = "/".join(filter(None, [note.pipeline, block]))
                data.set_context("|".join(filter(None, [note.by, who])))
                data.add_arcs({str(note.project / file): arcs})
        data.set_context(None)
        data.touch_files(sorted(str(file) for file in self._files))


def _file(path: str, facts: Mapping[str, Any]) -> CoveredFile:
    summary = facts["summary"]
    return CoveredFile(
        path=Path(path).absolute(),
        percent=summary["percent_covered"],
        lines=summary["num_statements"],
        lines_run=summary["covered_lines"],
        branches=summary["num_branches"],
        branches_run=summary["covered_branches"],
        missing=tuple(facts["missing_lines"]),
        missing_branches=tuple((before, after) for before, after in facts["missing_branches"]),
    )


@contextlib.contextmanager
def _explained(what: str, *, path: Path) -> Iterator[None]:
    """Have errors of coverage.py and of its files say what they keep from being done."""
    try:
        with explained(path, doing=f"telling {what}"):
            yield
    except (CoverageException, OSError) as error:
        raise InputError(
            f"{what} cannot be told",
            cause=str(error),
            remedy="correct the settings of coverage.py, or name a place that can be written",
        ) from error
