"""Files that a run wrote, by the paths that its blocks know them by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.nearest import nearest
from harness.project.container_paths import ROOTS

if TYPE_CHECKING:
    from pathlib import Path

    from harness.project.container_layout import Layout

_SHOWN = 5


def found(path: str | Path, layout: Layout | None) -> Path:
    """The file or folder that a path of a run means.

    Args:
        path: Absolute, or relative to the project.
        layout: What the run saw at the paths of Mage's container.

    Raises:
        InputError: There is none; the message names those beside it.
    """
    place = layout.here(path) if layout is not None else None
    if place is None:
        seen = ", ".join(target for _, target in layout.shown) if layout is not None else ""
        raise InputError(
            f"{path} is no path of the run's own",
            cause="in a container it is the image's, and without a namespace this machine's"
            if str(path).startswith(ROOTS)
            else "",
            evidence=[f"its own: {seen or 'the project'}"],
            remedy="name a file below one of these, or one relative to the project",
        )
    if not place.exists():
        above = place.parent
        beside = sorted(one.name for one in above.iterdir()) if above.is_dir() else []
        names = nearest(place.name, beside, most=_SHOWN) or beside[:_SHOWN]
        raise InputError(
            f"the run has left no file {path}",
            evidence=[f"there are: {', '.join(names)}" if names else "its folder is empty"],
            remedy="correct the path, or look why the pipeline did not write it",
        )
    return place
