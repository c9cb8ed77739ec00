"""What a test's runs and failures know beyond words, as properties of the test in JUnit's XML.

Each value is JSON: that of a run is a pipeline of docs/run.schema.json, as ``--json`` has it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from harness.contracts.difference import ContractError
from harness.errors import ExpectationError
from harness.report.build import report_of

if TYPE_CHECKING:
    from harness.running.result import PipelineRun

Property = tuple[str, str]
RUN = "mage-harness-run"
CONTRACT = "mage-harness-contract"
EXPECTATION = "mage-harness-expectation"


def of_run(run: PipelineRun) -> Property:
    """The facts of a run: verdict, entry, blocks with their rows, problems."""
    return (RUN, json.dumps(report_of(run).as_json(), default=str))


def of_error(error: BaseException) -> list[Property]:
    """The facts of a contract or an expectation that does not hold."""
    if isinstance(error, ContractError):
        return [(CONTRACT, json.dumps(error.report.as_json()))]
    if isinstance(error, ExpectationError) and error.facts:
        return [(EXPECTATION, json.dumps(error.facts, default=str))]
    return []
