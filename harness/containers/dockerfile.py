"""What the images of a Dockerfile's stages are made from; everything else is left to the engine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.project.dockerfile import instructions

if TYPE_CHECKING:
    from collections.abc import Mapping

_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::([-+])([^}]*))?\})")
_COPY_FROM = re.compile(r"\s--from=(\S+)")


def parents(text: str, *, build_args: Mapping[str, str]) -> tuple[str, ...]:
    """The images that a Dockerfile builds on or copies from, in order; its own stages left out.

    Args:
        text: The Dockerfile.
        build_args: Values of its arguments, before its own defaults.
    """
    arguments: dict[str, str] = {}
    stages: set[str] = set()
    images: dict[str, None] = {}
    for word, rest, _ in instructions(text):
        if word == "ARG" and not stages:
            name, _, default = rest.partition("=")
            value = _filled(default.strip().strip("\"'"), arguments)
            arguments[name.strip()] = build_args.get(name.strip(), value)
        elif word == "FROM":
            image, _, alias = _filled(_without_options(rest), arguments).partition(" ")
            _note(image, images, stages)
            stages.add(alias.strip()[3:].strip().lower() if alias else f"#{len(stages)}")
        elif word == "COPY" and (found := _COPY_FROM.search(f" {rest}")):
            _note(found[1], images, stages)
    return tuple(images)


def _note(image: str, images: dict[str, None], stages: set[str]) -> None:
    own = image.lower() in stages or image.isdecimal()
    if image and image != "scratch" and not own and "$" not in image:
        images[image] = None


def _without_options(rest: str) -> str:
    return " ".join(part for part in rest.split() if not part.startswith("--"))


def _filled(text: str, arguments: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        known = arguments.get(found[1] or found[2], "")
        if found[3] == "-":
            return known or found[4]
        if found[3] == "+":
            return found[4] if known else ""
        return known

    return _VARIABLE.sub(value, text)
