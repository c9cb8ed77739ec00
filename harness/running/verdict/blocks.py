"""Every block started and ended, and handed on what the next one needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.problem import Problem
from harness.running.block_run import NOT_RUN, RUNNING
from harness.running.verdict.places import (
    caught_names,
    def_line,
    file_of,
    line_of_text,
    source_of,
)
from harness.running.verdict.services import block_at, made_good

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.project.model import Block
    from harness.running.block_run import BlockRun
    from harness.running.verdict.judge import Evidence

_WORDS = {
    "object_missing": (
        "object-missing",
        (
            "there is no object {object} in GCS; Mage gave the block an empty frame: write the "
            "object first, or run the pipeline that does"
        ),
    ),
    "connection_refused": (
        "connection-refused",
        (
            "{program} tried to reach {address} past the proxy, and nothing leaves the run; let "
            "the client heed HTTPS_PROXY, lead it to a private service, or allow it in the settings"
        ),
    ),
    "connection_failed": (
        "connection-failed",
        (
            "a connection to {service} failed: {message}; lead it to the private one, by the "
            "variables or io_config.yaml"
        ),
    ),
    "condition_error": (
        "condition-failed",
        (
            "the condition raised {error}: {message}; Mage takes that for a false one, and passes "
            "over {parent}"
        ),
    ),
    "callback_error": (
        "callback-failed",
        "the callback of {parent} raised {error}: {message}; Mage goes on without it",
    ),
    "secret_unset": (
        "secret-unset",
        (
            "there is no secret {name}, and Mage gave the block None: give it a throw-away value, "
            '{name} = "...", under [tool.mage-harness.secrets]'
        ),
    ),
    "program_missing": (
        "program-missing",
        (
            "{program} ended with status {status}: there is no such program here, or it may not be "
            "run, and the status alone says so: install it, or do the same by a library"
        ),
    ),
    "thread_failed": (
        "thread-failed",
        (
            "a thread of the block ended by {error}: {message}; the block went on without it: join "
            "it and raise what it raised"
        ),
    ),
}
_MUST_RETURN = frozenset({"data_loader", "transformer"})


def problems(evidence: Evidence) -> Iterator[Problem]:
    """What is missing of the blocks' work."""
    for block, run in evidence.expected():
        yield from _not_run(evidence, block, run)
        yield from _returned(evidence, block, run)
    yield from _events(evidence)
    yield from _without_upstream_data(evidence)


def _not_run(evidence: Evidence, block: Block, run: BlockRun) -> Iterator[Problem]:
    if evidence.process.timed_out or run.status not in (NOT_RUN, RUNNING):
        return
    condition = _false_condition(evidence, block)
    if condition:
        yield _problem(
            evidence,
            block,
            "condition-false",
            f"the condition {condition} was false, so Mage passed the block over and ended with "
            "status 0",
        )
    elif evidence.skip_sensors and block.type == "sensor":
        yield _problem(
            evidence,
            block,
            "sensor-skipped",
            "--skip-sensors passes over the sensor and with it all blocks below it; run without",
        )
    elif run.status == RUNNING:
        if evidence.process.exit_status == 0:
            yield _problem(evidence, block, "block-not-ended", "the block began and never ended")
    elif evidence.process.exit_status == 0:
        yield _problem(
            evidence, block, "block-not-run", "Mage never started the block, and ended with 0"
        )


def _false_condition(evidence: Evidence, block: Block) -> str:
    for event in evidence.process.events:
        if event["event"] == "condition" and event["block"] == block.uuid and not event["result"]:
            return str(event["condition"])
    return ""


def _returned(evidence: Evidence, block: Block, run: BlockRun) -> Iterator[Problem]:
    line = def_line(source_of(evidence.project, block), run.line)
    if run.returned == "generator":
        yield _problem(
            evidence,
            block,
            "output-generator",
            "the block's function is a generator: the next block gets the text "
            "'builtins.generator' instead of data; return a frame",
            line=line,
        )
    elif run.returned == "none" and _wanted(evidence, block):
        yield _problem(
            evidence,
            block,
            "output-none",
            f"the block's function returned None, so {', '.join(block.downstream)} got an empty "
            "list; return the data",
            line=line,
        )
    elif _lost_on_the_way(evidence, block):
        yield _problem(
            evidence,
            block,
            "output-lost",
            f"Mage cannot keep what the block's function returned ({run.returned or 'its value'}) "
            f"and handed a description of it to {', '.join(_lost_on_the_way(evidence, block))}; "
            "return a frame, a list, a map of plain values or text",
            line=line,
        )


def _wanted(evidence: Evidence, block: Block) -> bool:
    """Whether something below a block needs what it returns."""
    if block.type in _MUST_RETURN and block.downstream:
        return True
    return any(place < child.named for place, child in evidence.below(block.uuid))


def _lost_on_the_way(evidence: Evidence, block: Block) -> list[str]:
    return [
        child.uuid
        for place, child in evidence.below(block.uuid)
        if place < len(child.inputs) and child.inputs[place] == "lost"
    ]


def _events(evidence: Evidence) -> Iterator[Problem]:
    """What the tap saw besides the blocks' own course; the same thing is told once."""
    told = set()
    for event in evidence.process.events:
        words = _WORDS.get(event["event"])
        if words is None:
            continue
        code = words[0]
        message = words[1].format_map({**event, "program": event.get("program") or "something"})
        block, line = _place(evidence, event)
        if block is not None and made_good(evidence, block.uuid, event["at"]):
            continue
        if _reckoned_with(evidence, block, event):
            continue
        key = (code, message, block.uuid if block is not None else "")
        if key in told:
            continue
        told.add(key)
        yield Problem(
            code=code,
            message=message,
            pipeline=evidence.pipeline.uuid,
            block=block.uuid if block is not None else "",
            file=file_of(block),
            line=line,
        )


def _reckoned_with(evidence: Evidence, block: Block | None, event: Mapping[str, Any]) -> bool:
    """Whether the block's source names the very exception that a missing program raises."""
    if event["event"] != "program_missing" or block is None:
        return False
    return "FileNotFoundError" in caught_names(source_of(evidence.project, block))


def _place(evidence: Evidence, event: Mapping[str, Any]) -> tuple[Block | None, int | None]:
    """The block that an event is of, and the line; by the time, where nobody could say."""
    block = evidence.block(event["block"])
    if block is not None or event["event"] != "connection_refused":
        return block, event["line"] if block is not None else None
    found = block_at(evidence, event["at"], detail=event["address"])
    if found is None:
        return None, None
    source = source_of(evidence.project, found[0])
    return found[0], line_of_text(source, event["address"]) or def_line(source, found[1].line)


def _without_upstream_data(evidence: Evidence) -> Iterator[Problem]:
    """In block mode Mage hands over nothing where the upstream block left nothing."""
    if evidence.only is None:
        return
    for event in evidence.process.events:
        if event["event"] != "block_input" or event["block"] not in evidence.only:
            continue
        block = evidence.pipeline.block(event["block"])
        if not block.upstream:
            continue
        empty = [value for value in event["inputs"] if _nothing(value)]
        if empty or len(event["inputs"]) < len(block.upstream):
            yield _problem(
                evidence,
                block,
                "upstream-without-data",
                f"the block ran without the data of {', '.join(block.upstream)}, which have left "
                "none; run them first, or the whole pipeline",
            )


def _nothing(value: Mapping[str, Any]) -> bool:
    return bool(value["kind"] == "none" or (value["kind"] == "list" and value["rows"] == 0))


def _problem(
    evidence: Evidence, block: Block, code: str, message: str, line: int | None = None
) -> Problem:
    return Problem(
        code=code,
        message=message,
        pipeline=evidence.pipeline.uuid,
        block=block.uuid,
        file=file_of(block),
        line=line,
    )
