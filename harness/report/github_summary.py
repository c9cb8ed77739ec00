"""The summary of a job, in GitHub's Markdown; names and messages may hold anything."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from harness.plain import counted, readable
from harness.report import words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_MOST_PIPELINES = 200
_MOST_PROBLEMS = 50
_LONGEST = 1_000


def summary(
    pipelines: Sequence[Mapping[str, Any]],
    *,
    place: Callable[[str], str],
    more: Sequence[tuple[str, str]] = (),
) -> str:
    """A table of the verdicts, and what is wrong with those that failed.

    Args:
        pipelines: As they are published (docs/run.schema.json).
        place: For a file of the project, its path in the repository; empty where it has none.
        more: What else is wrong: a title and a message each.
    """
    failed = [one for one in pipelines if not one["ok"]]
    passed = len(pipelines) - len(failed)
    lines = [
        f"### Mage pipelines: {passed} passed, {len(failed)} failed",
        "",
        "| pipeline | verdict | blocks | rows written | problems | time |",
        "|---|---|---:|---:|---:|---:|",
        *(_row(one) for one in pipelines[:_MOST_PIPELINES]),
        *_more(len(pipelines) - _MOST_PIPELINES, "pipeline"),
        "",
    ]
    wrong = [partial(_problem, one, two, place=place) for one in failed for two in one["problems"]]
    wrong += [partial(_difference, one, two) for one in failed for two in _differences(one)]
    wrong += [partial(_other, title, message) for title, message in more]
    lines += [write() for write in wrong[:_MOST_PROBLEMS]]
    lines += _more(len(wrong) - _MOST_PROBLEMS, "problem")
    return "\n".join([*lines, "", ""])


def text(raw: str) -> str:
    """Foreign text that no Markdown, HTML, link or mention is made of, on one line.

    Args:
        raw: The text.
    """
    shown = readable(raw[: _LONGEST + 1])
    if len(raw) > _LONGEST:
        shown = f"{shown}..."
    return _PUNCTUATION.sub(r"\\\1", shown).replace("\\&", "&amp;").replace("\\<", "&lt;")


def _row(facts: Mapping[str, Any]) -> str:
    completed = sum(block["status"] == "completed" for block in facts["blocks"])
    cells = (
        text(facts["uuid"]),
        "passed" if facts["ok"] else "**FAILED**",
        f"{completed} of {len(facts['blocks'])}",
        words.number(sum(sink["rows"] or 0 for sink in facts["sinks"])),
        str(len(facts["problems"]) + len(_differences(facts))),
        words.duration(facts["seconds"]),
    )
    return f"| {' | '.join(cells)} |"


def _problem(
    facts: Mapping[str, Any], problem: Mapping[str, Any], *, place: Callable[[str], str]
) -> str:
    file = (place(problem["file"]) or problem["file"]) if problem["file"] else ""
    where = f"{file}:{problem['line']}" if file and problem["line"] else file
    about = " ".join(text(part) for part in (facts["uuid"], problem["block"], where) if part)
    return f"- **{text(problem['code'])}** {about}: {text(problem['message'])}"


def _difference(facts: Mapping[str, Any], one: Mapping[str, Any]) -> str:
    about = " ".join(text(part) for part in (facts["uuid"], one["sink"], one["column"]) if part)
    found = f"expected {text(one['expected'])}, found {text(one['found'])}"
    return f"- **contract** {about}: {text(one['rule'])}: {found}"


def _other(title: str, message: str) -> str:
    return f"- **{text(title)}** {text(message)}"


def _differences(facts: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    contract = facts["contract"]
    return contract["differences"] if contract else ()


def _more(count: int, what: str) -> list[str]:
    return [f"\nand {counted(count, f'further {what}')}"] if count > 0 else []
