"""What runs and failures know beyond words, as properties in JUnit's XML.

For programs a value is JSON: that of a run is a pipeline of docs/run.schema.json, as ``--json`` has
it. For people, who see properties beside a test's name, each fact has one of its own.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harness.contracts.difference import ContractError
from harness.errors import ExpectationError
from harness.report.build import report_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.running.result import PipelineRun

Property = tuple[str, str]
RUN = "mage-harness-run"
CONTRACT = "mage-harness-contract"
EXPECTATION = "mage-harness-expectation"
_MOST = 50
"""Tables and objects of one run."""


def of_run(run: PipelineRun) -> list[Property]:
    """The facts of a run: verdict, entry, blocks with their rows, problems."""
    facts = report_of(run).as_json()
    return [(RUN, json.dumps(facts, default=str)), *readable_of(facts)]


def readable_of(facts: Mapping[str, Any]) -> Iterator[Property]:
    """The facts of a run for people, each as a property.

    Args:
        facts: A pipeline as it is published.
    """
    blocks, sinks = facts["blocks"], facts["sinks"]
    completed = sum(block["status"] == "completed" for block in blocks)
    yield "mage_pipeline", facts["uuid"]
    yield "mage_verdict", "passed" if facts["ok"] else "failed"
    yield "mage_blocks", f"{completed} of {len(blocks)}"
    yield "mage_seconds", f"{facts['seconds']:.3f}"
    codes = dict.fromkeys(problem["code"] for problem in facts["problems"])
    if codes:
        yield "mage_problems", ", ".join(codes)
    for sink in sinks[:_MOST]:
        rows = "no rows" if sink["rows"] is None else str(sink["rows"])
        yield "mage_rows", f"{sink['service']} {sink['name']}: {rows}"
    if len(sinks) > _MOST:
        yield "mage_rows", f"{len(sinks) - _MOST} more"


def of_error(error: BaseException) -> list[Property]:
    """The facts of a contract or an expectation that does not hold."""
    if isinstance(error, ContractError):
        return [(CONTRACT, json.dumps(error.report.as_json()))]
    if isinstance(error, ExpectationError) and error.facts:
        return [(EXPECTATION, json.dumps(error.facts, default=str))]
    return []
