"""What a pipeline's source asks for and a run has not, as problems with their remedies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harness.problem import Problem
from harness.replay.urls import masked, normalised

if TYPE_CHECKING:
    from collections.abc import Collection

    from harness.missing.having import Having
    from harness.missing.want import Want

_HOLE = re.compile(r"\{[^{}]*\}|%[sd]")
# What leads to these is a private service, or this machine.
_LED = re.compile(r"(?:^|\.)googleapis\.com$|^localhost$|^127\.|^host\.docker\.internal$")
_TABULAR = re.compile(
    r"\.(?:csv|tsv|txt|parquet|json|jsonl|ndjson|zip)(?:\.gz)?(?:$|[?&#])", re.IGNORECASE
)
# Where the module is not called as what is installed.
_DISTRIBUTIONS = {
    "PIL": "Pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "git": "GitPython",
    "jwt": "PyJWT",
    "kafka": "kafka-python",
    "psycopg2": "psycopg2-binary",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "telegram": "python-telegram-bot",
    "yaml": "PyYAML",
}


def lacking(wants: Collection[Want], having: Having, *, pipeline: str) -> list[Problem]:
    """What a run has not of what a pipeline asks for, in the order of its source; each once.

    Args:
        wants: What the pipeline's blocks ask for.
        having: What the run has.
        pipeline: The pipeline's uuid.
    """
    absent = having.lacks([one.name for one in wants if one.kind == "package"])
    found: dict[tuple[str, str], Problem] = {}
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
            found.setdefault((want.kind, want.name), problem)
    return list(found.values())


def _message(want: Want, having: Having, absent: Collection[str], *, pipeline: str) -> str:
    """What is lacked, and the line to write; empty where nothing is."""
    name, message = want.name, ""
    if want.kind == "package" and name in absent:
        line = _DISTRIBUTIONS.get(name, name)
        message = (
            f"Mage's environment has no module {name}: add the line {line} to requirements.txt"
        )
    elif want.kind == "secret" and name not in having.secrets:
        table = "[tool.mage-harness.secrets]"
        message = f'there is no secret {name}: write {name} = "..." under {table}'
    elif want.kind == "variable" and name not in having.variables:
        table = "[tool.mage-harness.env]"
        message = f'the variable {name} is not set: write {name} = "..." under {table}'
    elif want.kind == "url" and not _is_answered(want, having):
        message = _unrecorded(name, pipeline=pipeline)
    return message


def _is_answered(want: Want, having: Having) -> bool:
    """Whether a recording or a file answers; True also for a part of a URL, and no web."""
    url = want.name
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return True
    if not host or _HOLE.search(host) or _LED.search(host):
        return True
    if not _HOLE.search(url):
        # It may be a beginning, to which the block adds the rest.
        wanted = (normalised(url), normalised(masked(url)))
        whole = want.whole or _TABULAR.search(url)
        known = having.urls | having.refused
        return not whole or any(one.startswith(wanted) for one in known)
    pattern = "[^/?#]+".join(map(re.escape, _HOLE.split(url)))
    return any(re.match(pattern, one) for one in having.urls)


def _unrecorded(url: str, *, pipeline: str) -> str:
    shown = masked(url)
    message = f"no recording answers {shown}: record it with: mage-harness record {pipeline}"
    if _HOLE.search(url):
        return message
    return f"{message}, or write one with: mage-harness fixture '{shown}'"
