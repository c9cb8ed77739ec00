"""Which versions are put together: the product of what is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.project.distributions import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

MAGE = "mage-ai"
_VERSION = re.compile(r"\d+(\.\d+)*([a-z]+\d+)?(\.(post|dev)\d+)?|(\d+\.)*\d*[x*]")
_PYTHON = re.compile(r"3\.\d+(\.\d+)?")
_PACKAGE = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)==(.+)")
_OPEN = ("x", "*")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What one cell is to have; what is not asked for is as the settings say.

    Attributes:
        mage: The version of Mage.
        python: The version of Python.
        packages: Versions by package, in the order of the options.
        varied: The axes that have more than one value, which tell cells apart.
    """

    mage: str
    python: str
    packages: tuple[tuple[str, str], ...] = ()
    varied: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """What it is called: what differs from other cells, or else what was asked for."""
        parts = {MAGE: f"mage {self.mage}", "python": f"python {self.python}"}
        parts |= {name: f"{name} {version}" for name, version in self.packages}
        told = [text for axis, text in parts.items() if axis in self.varied]
        return ", ".join(told or [parts[MAGE], parts["python"]])


def wanted(
    *,
    mage: Sequence[str],
    python: Sequence[str],
    packages: Sequence[tuple[str, Sequence[str]]],
) -> list[Wanted]:
    """The cells: each version with each other one, the last axis changing first.

    Args:
        mage: Versions of Mage; at least one.
        python: Versions of Python; at least one.
        packages: Versions of each package that is asked for.
    """
    axes = {MAGE: mage, "python": python, **dict(packages)}
    varied = frozenset(name for name, values in axes.items() if len(values) > 1)
    names = [name for name, _ in packages]
    return [
        Wanted(
            mage=first,
            python=second,
            packages=tuple(zip(names, others, strict=True)),
            varied=varied,
        )
        for first, second, *others in product(*axes.values())
    ]


def versions(option: str, text: str) -> tuple[str, ...]:
    """The versions of an option, in its order and each once.

    Args:
        option: The option that they were given with.
        text: Versions with commas between.

    Raises:
        InputError: There is none, or one is no version.
    """
    pattern = _PYTHON if option == "--python" else _VERSION
    found = tuple(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))
    wrong = [one for one in found if not pattern.fullmatch(one)]
    if wrong or not found:
        raise InputError(
            f"{option} {text!r} names no version"
            if not found
            else f"{option}: {wrong[0]!r} is no version",
            remedy="write it as 3.11,3.12"
            if option == "--python"
            else "write it as 0.9.79,0.9.80, or 0.9.7x for the newest of 0.9.70 to 0.9.79",
        )
    return found


def package(text: str) -> tuple[str, tuple[str, ...]]:
    """A package and its versions.

    Args:
        text: ``NAME==V,V``.

    Raises:
        InputError: It is not of that form, or names Mage.
    """
    found = _PACKAGE.fullmatch(text.strip())
    if found is None:
        raise InputError(
            f"--package {text!r} names no package and its versions",
            remedy="write it as --package pandas==2.2.3,2.3.3",
        )
    name = canonical(found[1])
    if name == MAGE:
        raise InputError("versions of Mage are another axis", remedy=f"write --mage {found[2]}")
    return name, versions("--package", found[2])


def condition(version: str) -> str:
    """What pip calls a version, or the versions that one with an ``x`` or ``*`` stands for.

    Args:
        version: ``0.9.80``; ``0.9.7x`` for 0.9.70 to 0.9.79; ``0.9.x`` for all that begin so.
    """
    if not version.endswith(_OPEN):
        return f"=={version}"
    front, _, digits = version[:-1].rpartition(".")
    dot = "." if front else ""
    if not digits:
        return f"=={front}.*" if front else ""
    return f">={front}{dot}{digits}0,<{front}{dot}{int(digits) + 1}0"


def is_open(version: str) -> bool:
    """Whether a version stands for several, of which the newest is meant."""
    return version.endswith(_OPEN)
