from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from harness.report.model import PipelineReport, RunReport
from harness.services.catalogue import NAMES

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "run.schema.json").read_text("utf-8"))
PUBLISHED = {
    "pipelines": {
        "uuid",
        "ok",
        "at",
        "entry",
        "entry_why",
        "seconds",
        "blocks",
        "problems",
        "sinks",
        "contract",
        "triggered",
        "faults",
    },
    "blocks": {
        "uuid",
        "status",
        "rows_in",
        "rows_out",
        "dropped",
        "added",
        "seconds",
        "attempts",
        "children",
        "skipped",
    },
    "problems": {"code", "block", "file", "line", "message"},
    "sinks": {"service", "name", "rows", "columns"},
    "columns": {"name", "type"},
}


def through_json(report: RunReport):
    return json.loads(json.dumps(report.as_json(), allow_nan=False))


def validate(facts) -> None:
    jsonschema.validate(facts, SCHEMA, cls=jsonschema.Draft202012Validator)


def test_the_schema_is_valid_and_describes_every_field():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for part in (SCHEMA, *SCHEMA["$defs"].values()):
        assert set(part["required"]) == set(part["properties"])
        assert all(field["description"] for field in part["properties"].values())


def test_a_report_is_as_published(failed):
    facts = through_json(RunReport(pipelines=(failed,)))

    validate(facts)
    (pipeline,) = facts["pipelines"]
    assert set(pipeline) == PUBLISHED["pipelines"]
    for name in ("blocks", "problems", "sinks"):
        assert pipeline[name]
        assert all(set(entry) == PUBLISHED[name] for entry in pipeline[name])
    assert pipeline["problems"][0]["line"] == 12
    assert pipeline["sinks"][0]["columns"] == [{"name": "day", "type": "DATE"}]
    assert set(pipeline["sinks"][0]["columns"][0]) == PUBLISHED["columns"]


def test_the_empty_report_is_as_published():
    validate(through_json(RunReport()))


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("seconds",), "3"),
        (("blocks", 0, "status"), "done"),
        (("blocks", 0, "rows_in"), 1.5),
        (("problems", 0, "line"), 0),
        (("sinks", 0, "service"), "ftp"),
        (("sinks", 0, "extra"), 1),
    ],
)
def test_the_schema_refuses_what_is_not_as_published(failed, place, wrong):
    facts = through_json(RunReport(pipelines=(failed,)))
    at = facts["pipelines"][0]
    *path, last = place
    for step in path:
        at = at[step]
    at[last] = wrong

    with pytest.raises(jsonschema.ValidationError):
        validate(facts)


def test_a_run_is_ok_only_if_something_ran_and_all_of_it_succeeded(failed):
    good = PipelineReport(uuid="x", ok=True, seconds=1.0)

    assert RunReport(pipelines=(good,)).ok
    assert not RunReport(pipelines=(good, failed)).ok
    assert not RunReport().ok


def test_the_schema_names_every_service():
    for part in ("sink", "difference"):
        assert SCHEMA["$defs"][part]["properties"]["service"]["enum"] == list(NAMES)
