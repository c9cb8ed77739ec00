"""What a pipeline's source asks for and a run has not, as problems with their remedies."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harness.missing.files import where_to_put
from harness.missing.service import unsupported
from harness.problem import Problem
from harness.project.distributions import DISTRIBUTIONS
from harness.replay.urls import masked, normalised

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from harness.missing.having import Having
    from harness.missing.want import Want

_HOLE = re.compile(r"\{[^{}]*\}|%[sd]")
# A line that asks for more recordings than these tells one.
_MANY = 5
# These are this machine.
_HERE = re.compile(r"^localhost$|^127\.|^host\.docker\.internal$")


def lacking(wants: Collection[Want], having: Having, *, pipeline: str) -> list[Problem]:
    """What a run has not of what a pipeline asks for, in the order of its source; each once.

    A server that no run has is told for each file that asks for it.

    Args:
        wants: What the pipeline's blocks ask for.
        having: What the run has.
        pipeline: The pipeline's uuid.
    """
    absent = having.lacks([one.name for one in wants if one.kind == "package"])
    found: dict[tuple[str, ...], tuple[Want, Problem]] = {}
    for want in wants:
        message = _message(want, having, absent, pipeline=pipeline)
        if message:
            problem = Problem(
                code="missing-recording" if want.kind == "url" else f"missing-{want.kind}",
                message=message,
                pipeline=pipeline,
                block=want.block,
                file=want.file,
                line=want.line,
            )
            place = want.file if want.kind == "service" else ""
            found.setdefault((want.kind, want.name, place), (want, problem))
    return _together(found.values(), pipeline=pipeline)


def _together(found: Iterable[tuple[Want, Problem]], *, pipeline: str) -> list[Problem]:
    """The same with one problem for all recordings of a line that asks for many."""
    lines: dict[tuple[str, ...], list[tuple[Want, Problem]]] = {}
    for want, problem in found:
        line = "" if want.kind == "url" else want.name
        key = (want.kind, line, want.file, str(want.line))
        lines.setdefault(key, []).append((want, problem))
    kept: list[Problem] = []
    for those in lines.values():
        if len(those) <= _MANY:
            kept += [problem for _, problem in those]
        else:
            message = _many_unrecorded([want.name for want, _ in those], pipeline=pipeline)
            kept.append(replace(those[0][1], message=message))
    return kept


def _message(want: Want, having: Having, absent: Collection[str], *, pipeline: str) -> str:
    """What is lacked, and the line to write; empty where nothing is."""
    name, message = want.name, ""
    if want.kind == "package" and name in absent:
        line = DISTRIBUTIONS.get(name, name)
        message = (
            f"Mage's environment has no module {name}: add the line {line} to requirements.txt"
        )
    elif want.kind == "secret" and name not in having.secrets:
        table = "[tool.mage-harness.secrets]"
        message = f'there is no secret {name}: write {name} = "..." under {table}'
    elif want.kind == "variable" and name not in having.variables:
        table = "[tool.mage-harness.env]"
        message = f'the variable {name} is not set: write {name} = "..." under {table}'
    elif want.kind == "profile" and name not in having.profiles:
        message = (
            f"io_config.yaml has no profile {name}: add it there, or, where the author's own file "
            f'has it, write profiles = ["{name}"] under [tool.mage-harness]'
        )
    elif want.kind == "file":
        message = f"there is no file {name}: {where_to_put(name)}"
    elif want.kind == "url" and not _is_answered(want, having):
        message = _unrecorded(want, pipeline=pipeline)
    elif want.kind == "service":
        message = unsupported(name)
    return message


def _is_answered(want: Want, having: Having) -> bool:
    """Whether a recording or a file answers; True also for what is no web."""
    url = want.name
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return True
    if not host or _HOLE.search(host) or _HERE.search(host):
        return True
    if not _HOLE.search(url):
        # Parameters may be added to it.
        wanted = (normalised(url), normalised(masked(url)))
        return any(one.startswith(wanted) for one in having.urls | having.refused)
    pattern = "[^/?#]+".join(map(re.escape, _HOLE.split(url)))
    return any(re.match(pattern, one) for one in having.urls)


def _unrecorded(want: Want, *, pipeline: str) -> str:
    url, shown = want.name, masked(want.name)
    message = f"no recording answers {shown}: record it with: mage-harness record {pipeline}"
    if want.sends or _HOLE.search(url):
        return message
    return f"{message}, or write one with: mage-harness fixture '{shown}'"


def _many_unrecorded(urls: list[str], *, pipeline: str) -> str:
    message = (
        f"no recording answers {masked(urls[0])}, and {len(urls) - 1} more of this line: "
        f"record them with: mage-harness record {pipeline}"
    )
    whole = [f"'{masked(url)}'" for url in urls if not _HOLE.search(url)]
    if not whole:
        return message
    loop = f'for url in {" ".join(whole)}; do mage-harness fixture "$url"; done'
    return f"{message}, or write them with: {loop}"
