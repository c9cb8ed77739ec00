"""``--bundle``: the options of ``run``, and what is said of the bundles that were made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.bundle.bounds import DEFAULT_MIB
from harness.bundle.bundles import Bundles

if TYPE_CHECKING:
    from rich.console import Console

BundleOption = Annotated[
    Path | None,
    typer.Option(
        "--bundle",
        metavar="FOLDER",
        help="For each pipeline that fails, write an archive there with all that it takes to run "
        "it again elsewhere: mage-harness open ARCHIVE (docs/bundle.md).",
    ),
]
EveryOption = Annotated[
    bool,
    typer.Option("--bundle-all", help="With --bundle: also for pipelines that succeed."),
]
LimitOption = Annotated[
    int,
    typer.Option(
        "--bundle-limit",
        metavar="MIB",
        min=1,
        help="With --bundle: what all files of an archive may have together, unpacked. Of data "
        "beyond it the first rows are kept, and the archive says so.",
    ),
]


def bundles_of(folder: Path | None, *, every: bool, mib: int) -> Bundles | None:
    """What makes the bundles of a command; None where none are wanted.

    Args:
        folder: The folder for them.
        every: Whether successful runs get one too.
        mib: MiB that each may have.

    Raises:
        typer.BadParameter: An option says how bundles are made, and none are wanted.
    """
    if folder is None:
        if every or mib != DEFAULT_MIB:
            option = "--bundle-all" if every else "--bundle-limit"
            raise typer.BadParameter(f"{option} says how bundles are made: give --bundle too")
        return None
    return Bundles(folder=folder.absolute(), every=every, mib=mib)


def tell(console: Console, bundles: Bundles | None) -> bool:
    """Say which bundles were made, how they are opened, and why others were not made.

    Args:
        console: Where.
        bundles: What made them.

    Returns:
        Whether all that are wanted were made.
    """
    if bundles is None:
        return True
    for error in bundles.refused:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
    for one in bundles.made:
        console.print(
            f"bundle: {one}, to be opened with: mage-harness open {one}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    return not bundles.refused
