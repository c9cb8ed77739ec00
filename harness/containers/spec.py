"""What a container is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A folder or file of this machine inside the container.

    Attributes:
        source: Its absolute path here; it must exist.
        target: Its absolute path in the container.
        read_only: Whether the container may only read it.
    """

    source: Path
    target: str
    read_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One container.

    Attributes:
        name: What it is called in messages, and its alias on the network.
        image: The image's name and tag.
        command: Arguments, instead of the image's.
        entrypoint: The program, instead of the image's.
        environment: Variables, besides the image's.
        mounts: What it sees of this machine.
        tmpfs: Folders that lie in memory, each with its options, such as ``size=512m``.
        ports: TCP ports that others talk to.
        user: ``name``, ``uid`` or ``uid:gid``, instead of the image's.
        working_dir: Where its program starts, instead of the image's.
    """

    name: str
    image: str
    command: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    tmpfs: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = ()
    user: str | None = None
    working_dir: str | None = None
