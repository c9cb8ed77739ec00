"""A file that is edited between two looks in one process is seen as it is then."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.project.io_config import NAME, entries, overlay, profile_names
from harness.project.lint import lint
from harness.project.reader import read_project
from harness.project.templates import unset_names
from harness.running.entry.choice import engine_reasons

TEXT = "default:\n  POSTGRES_HOST: {}\n"


def test_an_overlay_is_that_of_the_text_and_of_the_values():
    for host in ("a", "b"):
        for value in ("1", "2"):
            led = overlay(TEXT.format(host) + f"{host}:\n  X: 1\n", {"POSTGRES_HOST": value})
            assert f'POSTGRES_HOST: "{value}"' in led
            assert f"\n{host}:" in led


def test_names_and_entries_are_those_of_the_text():
    for host in ("a", "b"):
        text = TEXT.format(host).replace("default", host)
        assert profile_names(text) == [host]
        profile_names(text).clear()
        assert profile_names(text) == [host]
        assert [(one.profile, one.text) for one in entries(text)] == [(host, host)]


def test_variables_are_asked_for_by_one_function_and_held_against_what_is_set():
    value = "{{ env_var('A') }}{{ mage_secret_var('B') }}"
    assert unset_names(value, frozenset()) == ["A"]
    assert unset_names(value, frozenset({"A"})) == []
    assert unset_names(value, frozenset(), function="mage_secret_var") == ["B"]


@pytest.fixture
def project(tmp_path):
    block = "data_loaders/load.py"
    pipeline = (
        "uuid: p\nname: p\ntype: python\nblocks:\n- {name: load, uuid: load, type: data_loader, "
        "language: python, upstream_blocks: [], downstream_blocks: []}\n"
    )
    for name, text in {
        "metadata.yaml": "",
        "pipelines/p/metadata.yaml": pipeline,
        NAME: "",
        block: "@data_loader\ndef load(**kwargs):\n    return 1\n",
    }.items():
        file = tmp_path / "project" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return read_project(tmp_path / "project")


def write(project, name, text):
    (project.path / Path(name)).write_text(text)


def test_retries_are_those_of_the_projects_metadata_now(project):
    pipeline = project.pipeline("p")
    found = []
    for text in (
        "",
        "retry_config: {retries: 3}\n",
        "{{ no yaml\n",
        "retry_config: {retries: 0}\n",
    ):
        write(project, "metadata.yaml", text)
        found.append(len(list(engine_reasons(project, pipeline))))
    assert found == [0, 1, 0, 0]


def test_lint_is_of_the_code_now(project):
    found = []
    good = "@data_loader\ndef load(**kwargs):\n    return 1\n"
    ends = "@data_loader\ndef load(**kwargs):\n    exit()\n"
    for text in (good, ends, "def load(:\n", "def load(**kwargs):\n    return 1\n", good):
        write(project, "data_loaders/load.py", text)
        found.append([one.code for one in lint(project)])
    assert found == [[], ["block-ends-process"], ["syntax-error"], ["decorator-missing"], []]
