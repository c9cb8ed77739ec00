"""Which further services start for a pipeline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.project.reader import read_project
from harness.running.further import further_services
from harness.services import catalogue
from harness.services.catalogue import BY_NAME, asked_for

PROJECTS = Path(__file__).parents[2] / "projects"


def asked(project, pipeline):
    found = read_project(PROJECTS / project)
    return further_services(found, found.pipeline(pipeline))


@pytest.mark.parametrize("pipeline", ["clients", "swallowed"])
def test_a_client_of_s3_asks_for_s3(pipeline):
    assert asked("any_s3", pipeline) == ("s3",)


@pytest.mark.parametrize("pipeline", ["clients", "forgetful"])
def test_a_client_of_mysql_asks_for_mysql(pipeline):
    assert asked("any_mysql", pipeline) == ("mysql",)


def test_a_program_that_is_not_there_is_lacking():
    lacking = replace(BY_NAME["mysql"], modules=(), programs=("no-such-server",))
    assert lacking.lacking == ["no-such-server"]
    assert replace(lacking, programs=("no-such-server", "sh")).lacking == []


def test_an_import_alone_asks_only_for_what_is_installed(monkeypatch):
    monkeypatch.setattr(catalogue, "KINDS", [replace(BY_NAME["s3"], modules=("json",))])
    assert asked_for(services=(), packages=["s3fs"]) == ("s3",)
    monkeypatch.setattr(catalogue, "KINDS", [replace(BY_NAME["s3"], modules=("no_such_package",))])
    assert asked_for(services=(), packages=["s3fs"]) == ()
    assert asked_for(services=["s3"], packages=["s3fs"]) == ("s3",)


def test_a_variable_that_names_a_service_asks_for_it_where_it_is_read():
    env = {"THEIR_PASSWORD": "{s3_secret}", "NOBODYS": "{duckdb_file}"}
    project = read_project(PROJECTS / "any_mysql")
    found = further_services(project, project.pipeline("clients"), env=env)
    assert found == ("s3", "mysql")


def test_others_ask_for_none():
    assert asked("success", "success") == ()
    assert asked("any_google", "clients") == ()
