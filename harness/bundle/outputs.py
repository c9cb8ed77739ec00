"""The outputs of blocks in a bundle, as Mage keeps them between blocks.

They are data: not changed, and left out for a block whose outputs hold a secret, or are too large.
A run from a block on reads them; without them, the blocks above run first.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from harness.bundle.manifest import LeftOut
from harness.bundle.names import refused
from harness.record.scan import leaks
from harness.running.block_run import COMPLETED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from harness.project.model import Pipeline
    from harness.running.result import PipelineRun

OUTPUTS = "outputs"
_LARGE = "the outputs are larger than the bundle may be"


def keep_outputs(
    run: PipelineRun, folder: Path, *, known: Iterable[str], limit: int
) -> list[LeftOut]:
    """Copy the outputs of the blocks that completed.

    Args:
        run: The run.
        folder: Where to, which is made where there are some: a folder for each block.
        known: Secrets that must not be in them.
        limit: Bytes that the outputs of one block may have.

    Returns:
        The blocks whose outputs are not there.
    """
    left = []
    values = list(known)
    for block in run.blocks:
        source = run.variables_folder / block.uuid
        if block.status != COMPLETED or not source.is_dir():
            continue
        files = sorted(one for one in source.rglob("*") if one.is_file() and not one.is_symlink())
        why = _why_not([one.relative_to(source).as_posix() for one in files])
        if not why and sum(one.stat().st_size for one in files) > limit:
            why = _LARGE
        if not why and (found := leaks(files, known=values)):
            why = f"they hold a secret: {found[0].kind} {found[0].shown}..."
        if why:
            left.append(LeftOut(what=f"{OUTPUTS} of {block.uuid}", why=why))
            continue
        for file in files:
            target = folder / block.uuid / file.relative_to(source)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    return left


def kept_outputs(folder: Path, pipeline: Pipeline) -> dict[str, Path]:
    """The blocks whose outputs are there, each with its folder.

    Args:
        folder: What ``keep_outputs`` has filled; it need not be there.
        pipeline: The pipeline.
    """
    places = {block.uuid: folder / block.uuid for block in pipeline.blocks}
    return {uuid: place for uuid, place in places.items() if place.is_dir()}


def _why_not(names: Iterable[str]) -> str:
    """Why an archive cannot have files of these names."""
    return next(filter(None, map(refused, names)), "")
