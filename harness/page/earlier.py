"""The runs of an earlier report, from the file that has them: to be shown beside those of now."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from harness.bundle import facts
from harness.bundle.making import PROJECT
from harness.bundle.names import refused
from harness.bundle.unpack import unpack
from harness.errors import HarnessError, InputError
from harness.page import limits
from harness.page.comparing import compared
from harness.page.kept import BEGIN, END, Kept, KeptRun, cleaned
from harness.project.reader import read_project
from harness.services.stack import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.page.clean import Cleaner
    from harness.page.comparing import Comparison
    from harness.page.kept import KeptBlock

_LARGEST = 256 << 20
_ZIP = b"PK"
_REMEDY = (
    "name a report (run --report), the JSON of a run (run --json) or a bundle (run --bundle) of an "
    "earlier run"
)


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """Earlier runs, to be shown beside others.

    Attributes:
        name: What they are called.
        kept: The runs.
        whole: Whether the later ones are all that there are.
    """

    name: str
    kept: Kept
    whole: bool = True

    @classmethod
    def of(cls, *files: Path, name: str, whole: bool = True) -> Earlier:
        """The runs of files, as one.

        Args:
            files: The files; see ``read_earlier``.
            name: What they are called together.
            whole: Whether the later ones are all that there are.

        Raises:
            InputError: One of them holds no run.
            EnvironmentNotAbleError: There is no room to unpack a bundle.
        """
        first, *others = map(read_earlier, files)
        runs = (*first.runs, *(run for one in others for run in one.runs))
        return cls(name=name, kept=first.model_copy(update={"runs": runs}), whole=whole)

    def beside(self, now: Kept, clean: Cleaner) -> Comparison:
        """These and others.

        Args:
            now: The others, fit for a page.
            clean: Makes text fit.
        """
        name = clean.line(self.name, most=limits.CELL)
        return compared(cleaned(self.kept, clean), now, file=name, whole=self.whole)


def read_earlier(file: Path) -> Kept:
    """Read runs from a report, from the JSON of ``run --json``, or from a bundle.

    A report has all that can be compared. The JSON has no code and no data of blocks, and no
    versions; a bundle has no data of them.

    Args:
        file: The file; nothing of what it says is trusted.

    Raises:
        InputError: It is none of these, or holds no run.
        EnvironmentNotAbleError: There is no room to unpack a bundle.
    """
    try:
        kept = _read(file)
    except OSError as error:
        raise InputError(
            f"the earlier run {file} cannot be read",
            cause=error.strerror or str(error),
            remedy=_REMEDY,
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{file} holds no earlier run", cause=_cause(error), remedy=_REMEDY
        ) from error
    if not kept.runs:
        raise InputError(
            f"{file} holds no earlier run",
            cause="no run had come to its end when it was written",
            remedy=_REMEDY,
        )
    return kept


def _read(file: Path) -> Kept:
    with file.open("rb") as opened:
        content = opened.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError(f"it has more than {_LARGEST:,} bytes")
    return _bundle(file) if content.startswith(_ZIP) else _text(content)


def _text(content: bytes) -> Kept:
    text = content.decode("utf-8", "replace")
    if text.lstrip().startswith("{"):
        runs = json.loads(text)["pipelines"]
        return Kept(format=1, runs=_flat(map(KeptRun.model_validate, runs)))
    _, begin, rest = text.rpartition(BEGIN)
    if not begin:
        raise ValueError("it is no report of this version, no JSON and no bundle")
    return Kept.model_validate_json(rest.partition(END)[0])


def _flat(runs: Iterable[KeptRun]) -> tuple[KeptRun, ...]:
    return tuple(inner for one in runs for inner in one.flat())


def _bundle(file: Path) -> Kept:
    with tempfile.TemporaryDirectory(prefix=PREFIX) as scratch:
        folder = Path(scratch)
        unpack(file, folder)
        told, settings, versions = (
            json.loads((folder / name).read_text("utf-8"))
            for name in (facts.RUN, facts.SETTINGS, facts.VERSIONS)
        )
        (first, *others) = KeptRun.model_validate(told["report"]).flat()
        blocks = tuple(_with_code(first, folder, str(settings["project"])))
        return Kept(
            format=1,
            runs=(first.model_copy(update={"blocks": blocks}), *others),
            surroundings=tuple(_surroundings(versions)),
            packages=tuple(str(one).replace("==", " ", 1) for one in versions["mage_packages"]),
        )


def _with_code(run: KeptRun, folder: Path, name: str) -> Iterable[KeptBlock]:
    """The blocks of a run with the code that the bundle has of them."""
    if refused(name):
        raise ValueError(f"{name!r} is no folder of it")
    try:
        project = read_project(folder / PROJECT / name)
        files = {one.uuid: one.file for one in project.pipeline(run.uuid).all_blocks}
    except HarnessError as error:
        raise ValueError(f"its project cannot be read: {error.symptom}") from error
    for block in run.blocks:
        code = files.get(block.uuid)
        own = code is not None and _within(project.path, project.path / code)
        yield _with_lines(block, project.path, str(code)) if own else block


def _within(project: Path, file: Path) -> bool:
    """Whether a file is there, and is the project's own, whatever its name is made of."""
    return file.is_file() and file.resolve().is_relative_to(project.resolve())


def _with_lines(block: KeptBlock, project: Path, name: str) -> KeptBlock:
    with (project / name).open("rb") as file:
        text = file.read(limits.CODE_READ).decode("utf-8", "replace").replace("\r\n", "\n")
    lines = tuple(text.rstrip("\n").split("\n"))
    return block.model_copy(update={"file": name, "lines": lines})


def _surroundings(versions: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    names = {"mage": "Mage", "python": "the harness's Python", "harness": "mage-harness"}
    for name, shown in names.items():
        yield shown, str(versions[name])


def _cause(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'])) or 'it'}: {first['msg']}"
    return f"it has no {error}" if isinstance(error, KeyError) else str(error)
