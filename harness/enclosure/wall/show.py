# ruff: noqa: PTH102, PTH103, PTH112, PTH114, PTH115, PTH118, PTH120, PTH123, PTH208, PTH211
"""Files and folders of a run at paths that this machine has not, such as those of Mage's image."""

from __future__ import annotations

import os

from .kernel import BIND, RECURSIVE, mount


def show(places: list[list[str]], *, folder: str) -> None:
    """Have what is at one path seen at another, in the mount namespace of this process.

    The machine's own folders are not written to: one that is to have another entry is replaced by
    one that has the same entries, and that one besides.

    Args:
        places: Pairs of a path and where it is seen, those above before those within.
        folder: A private folder, for what is shown instead of the machine's folders.

    Raises:
        OSError: One cannot be shown; a new folder right below the root cannot.
    """
    for number, (source, target) in enumerate(places):
        if not os.path.lexists(target):
            _make_room(target, os.path.join(folder, f"room-{number}"), os.path.isdir(source))
        mount(source, target, flags=BIND | RECURSIVE)


def _make_room(target: str, room: str, is_folder: bool) -> None:  # noqa: FBT001 - its only way
    above = os.path.dirname(target)
    while not os.path.isdir(above):
        above = os.path.dirname(above)
    os.mkdir(room, mode=0o755)
    for name in os.listdir(above):
        _same(os.path.join(above, name), os.path.join(room, name))
    inside = os.path.join(room, os.path.relpath(target, above))
    os.makedirs(inside if is_folder else os.path.dirname(inside), exist_ok=True)
    if not is_folder:
        _empty(inside)
    mount(room, above, flags=BIND | RECURSIVE)


def _same(entry: str, place: str) -> None:
    if os.path.islink(entry):
        os.symlink(os.readlink(entry), place)
        return
    if os.path.isdir(entry):
        os.mkdir(place)
    else:
        _empty(place)
    mount(entry, place, flags=BIND | RECURSIVE)


def _empty(place: str) -> None:
    with open(place, "w", encoding="ascii"):
        pass
