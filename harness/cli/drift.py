"""``mage-harness drift``: whether the world is still as it was recorded."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import typer
from rich.markup import escape

from harness.cli.options import ProjectOption, settings_for
from harness.cli.output import Output
from harness.errors import InputError
from harness.plain import counted
from harness.replay.urls import masked

_AT_ONCE = 8


def drift(
    cassettes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CASSETTE ...]",
            help="Which cassettes below fixtures/http/ to compare. Default: all.",
        ),
    ] = None,
    project: ProjectOption = None,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, help="How long an origin may take.")
    ] = 30.0,
) -> None:
    """Ask the live origins again, and say what has changed against the recordings.

    Compared are status, hosts, media type, ETag, size, and the columns of tables with their
    types; bodies are asked for in parts only. It reaches the web, so it is no part of a
    hermetic run: let a nightly job do it, and record anew what has drifted.

    Exit statuses: 0 all that was asked is as it was recorded; 1 something has changed, or an origin
    did not answer; 2 bad usage or input; 130 interrupted. What needs a secret that was taken out is
    left out, and named.
    """
    from harness.drift.compare import changes  # noqa: PLC0415
    from harness.drift.live import Origins  # noqa: PLC0415
    from harness.drift.recorded import begun  # noqa: PLC0415
    from harness.replay.cassette import load_all  # noqa: PLC0415

    folder = settings_for(project).fixtures / "http"
    for name in cassettes or ():
        if not (folder / name).is_dir():
            raise InputError(
                f"there is no cassette {name!r}",
                evidence=[f"looked in {folder}"],
                remedy="name a folder below it, or none for all",
            )
    recordings = [recording for name in cassettes or ["."] for recording in load_all(folder / name)]
    # An origin cannot drift from what it never said.
    addresses = list(begun([one for one in recordings if not one.generated]))
    if not addresses:
        raise InputError(
            "there is nothing to compare",
            cause=f"no recording of a GET is below {folder}",
            remedy="record a pipeline first: mage-harness record PIPELINE",
        )
    console = Output(soft_wrap=True)
    drifted = 0
    with Origins(timeout=timeout) as origins, ThreadPoolExecutor(_AT_ONCE) as pool:
        asked = [
            None if one.needs_secret else pool.submit(origins.facts, one.url) for one in addresses
        ]
        for one, answer in zip(addresses, asked, strict=True):
            if answer is None:
                console.print(f"[dim]left out[/]  {escape(masked(one.url))}")
                console.print("          its secret was taken out: it cannot be asked", style="dim")
                continue
            found = changes(one.facts, answer.result())
            drifted += bool(found)
            word = "[red]drifted[/] " if found else "[green]the same[/]"
            console.print(f"{word}  {escape(masked(one.url))}")
            for change in found:
                console.print(f"          {escape(change)}")
    console.print(f"{counted(len(addresses), 'origin')} asked or left out, {drifted} drifted")
    raise typer.Exit(1 if drifted else 0)
