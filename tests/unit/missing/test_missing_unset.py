"""Variables that blocks get None for."""

from __future__ import annotations

from pathlib import Path

from harness.missing.want import unset
from harness.project.reader import read_project
from harness.running.lacks import unset_note

PROJECTS = Path(__file__).parents[2] / "projects" / "public"


def test_what_nobody_sets_is_named_once_with_its_place():
    project = read_project(PROJECTS / "slack_report")
    pipeline = project.pipeline("daily_report")
    assert [use.name for use in unset(project, pipeline)] == ["SLACK_WEBHOOK_URL"]
    note = unset_note(project, pipeline, variables=["OTHER"])
    assert "SLACK_WEBHOOK_URL (data_exporters/send_report.py:10)" in note
    assert unset_note(project, pipeline, variables=["SLACK_WEBHOOK_URL"]) == ""


def test_what_has_a_default_or_fails_without_is_none_of_it():
    for name, pipeline in (("several_profiles", "order_totals"), ("weather_api", "weather_etl")):
        project = read_project(PROJECTS / name)
        assert unset(project, project.pipeline(pipeline)) == []
