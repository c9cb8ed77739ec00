"""What ``mage-harness open`` says: what is otherwise here, and whether the run ended as it did."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

from harness.bundle.opening import places
from harness.cli.jsonfile import write_json
from harness.plain import counted, visible
from harness.running.outputs import output_shape

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from rich.console import Console

    from harness.bundle.opening import Opened, Place
    from harness.bundle.part import Part
    from harness.running.result import PipelineRun

_COLUMNS = 20


def compare(
    console: Console,
    unpacked: Opened,
    run: PipelineRun,
    *,
    json_file: Path | None,
    only: Collection[str] | None = None,
) -> bool:
    """Say whether a run ended as that of the bundle did.

    Args:
        console: Where to say it.
        unpacked: The bundle.
        run: The run.
        json_file: Where both lists of problems are written; None for nowhere.
        only: The blocks that ran, whose problems alone count; None for all.

    Returns:
        Whether it did.
    """
    then, now = (
        frozenset(one for one in found if only is None or one[1] in only)
        for found in (unpacked.problems, places(run.problems))
    )
    same = then == now
    if same and not now and only is not None:
        say(console, "same: these blocks did what they should then, too")
    elif same:
        say(console, "same: it failed in the same way" if now else "same: it succeeded again")
    else:
        say(console, "different: it did not end in the same way")
        for words, found in (("only then", then - now), ("only now", now - then)):
            for one in sorted(map(_shown, found)):
                say(console, f"  {words}: {one}")
    if json_file is not None:
        listed = {"then": then, "now": now}
        facts = {
            name: [
                dict(zip(("code", "block", "file", "line"), one, strict=True))
                for one in sorted(found, key=_shown)
            ]
            for name, found in listed.items()
        }
        part = {} if only is None else {"blocks": sorted(only)}
        write_json(json_file, {"pipeline": run.pipeline, "same": same, **part, **facts})
    return same


def tell_part(console: Console, part: Part) -> None:
    """Say which blocks run, and what those find that others left.

    Args:
        console: Where to say it.
        part: The part of the pipeline.
    """
    say(console, f"note: the blocks that run: {', '.join(part.blocks)}")
    for uuid, why in part.first.items():
        say(console, f"note: {uuid} runs first: {why}")
    for uuid in part.given:
        say(console, f"note: the outputs of {uuid} are those of the bundle's run")


def tell_outputs(console: Console, run: PipelineRun, block: str) -> None:
    """Say what a block handed on.

    Args:
        console: Where to say it.
        run: The run.
        block: The block.
    """
    names = [name for name in run.outputs(block) if name.startswith("output_")]
    if not names:
        say(console, f"{block} left no outputs")
    for name in names:
        shape = output_shape(run.variables_folder, block, int(name.removeprefix("output_")))
        if shape is None:
            say(console, f"{name} of {block}: no table")
            continue
        rows, schema = shape
        columns = ", ".join(f"{one.name} {one.type}" for one in list(schema)[:_COLUMNS])
        more = f", and {len(schema) - _COLUMNS} more" if len(schema) > _COLUMNS else ""
        counts = f"{counted(rows, 'row')}, {counted(len(schema), 'column')}"
        say(console, f"{name} of {block}: {counts}: {columns}{more}")


def tell_differences(console: Console, unpacked: Opened) -> None:
    """Say what is otherwise here than where the bundle was made, and what it lacks.

    Args:
        console: Where to say it.
        unpacked: The bundle.
    """
    manifest, then = unpacked.manifest, unpacked.versions
    for what, now in (
        ("harness", version("mage-harness")),
        ("python", platform.python_version()),
        ("platform", platform.platform()),
    ):
        if then.get(what) != now:
            say(console, f"note: {what} was {then.get(what)}, and is {now} here")
    for one in manifest.left_out:
        say(console, f"note: not in the bundle: {one.what}: {one.why}")
    for name in manifest.scrubbed:
        say(console, f"note: secrets were taken out of {name}")


def _shown(place: Place) -> str:
    code, block, file, line = place
    return f"[{code}] {block} {file}:{line}" if line else f"[{code}] {block} {file}".rstrip()


def say(console: Console, line: str) -> None:
    """Show a line of a bundle's.

    Args:
        console: Where.
        line: The line, which may hold anything.
    """
    # What a bundle says is not to move the terminal's cursor.
    console.print(visible(line), markup=False, highlight=False, soft_wrap=True)
