"""Profiles that blocks name and io_config.yaml has not."""

from __future__ import annotations

import pytest

from harness.missing.having import Having
from harness.missing.lacking import lacking
from harness.missing.want import wants
from harness.project.reader import read_project

METADATA = """\
type: python
blocks:
- {uuid: one, type: data_loader, upstream_blocks: [], downstream_blocks: []}
- uuid: two
  type: data_exporter
  language: sql
  configuration: {data_provider: postgres, data_provider_profile: dev}
  upstream_blocks: []
  downstream_blocks: []
"""
BLOCK = """\
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.postgres import Postgres

@data_loader
def load(*args, **kwargs):
    with Postgres.with_config(ConfigFileLoader('io_config.yaml', 'prod')) as loader:
        loader.load('select 1 from a.b')
        return loader.load('select 1 from a.c')
"""


@pytest.fixture
def lacked(tmp_path):
    """The problems of a project that has some io_config.yaml, or none."""
    for file, text in {
        "pipelines/p/metadata.yaml": METADATA,
        "data_loaders/one.py": BLOCK,
        "data_exporters/two.sql": "select * from a.b",
    }.items():
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).write_text(text)

    def of(text, *, profiles=()):
        if text is not None:
            (tmp_path / "io_config.yaml").write_text(text)
        project = read_project(tmp_path)
        having = Having(
            variables=frozenset(),
            secrets=frozenset(),
            urls=frozenset(),
            profiles=frozenset(profiles),
            lacks=frozenset,
        )
        found = lacking(wants(project, project.pipeline("p")), having, pipeline="p")
        return [one for one in found if one.code == "missing-profile"]

    return of


@pytest.mark.parametrize(
    ("text", "profiles", "blocks"),
    [
        (None, [], []),
        ("prod: {POSTGRES_HOST: a}\ndev: {POSTGRES_HOST: a}\n", [], []),
        ("default: {POSTGRES_HOST: a}\n", [], ["one", "two"]),
        ("default: {POSTGRES_HOST: a}\n", ["prod"], ["two"]),
        ("default: [broken\n", [], []),
    ],
)
def test_which_profiles_are_lacked(lacked, text, profiles, blocks):
    assert [one.block for one in lacked(text, profiles=profiles)] == blocks


def test_the_line_to_write_is_told(lacked):
    told = lacked("default: {POSTGRES_HOST: a}\n")[0]
    assert told.message.endswith('write profiles = ["prod"] under [tool.mage-harness]')
    assert (told.file, told.line) == ("data_loaders/one.py", 7)
