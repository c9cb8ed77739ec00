from __future__ import annotations

import pytest

from harness.project.reader import read_project
from harness.project.templates import unset_names
from harness.project.unset import unset_error, unset_variables, wanted_profiles

IO = """\
default:
  GOOGLE_SERVICE_ACC_KEY_FILEPATH: "{{ env_var('KEY_DEST') }}"
  GOOGLE_LOCATION: "{{ env_var('GCS_LOCATION') }}"
  AWS_REGION: {{ env_var('REGION') }}
  MY_BUCKET: {{ env_var('BUCKET') }}
dev:
  POSTGRES_HOST: {{ env_var('PG_HOST') }}
  POSTGRES_SCHEMA: {{ env_var('PG_SCHEMA') }}
"""
OVERLAID = {"POSTGRES_HOST": "x", "GOOGLE_SERVICE_ACC_KEY_FILEPATH": "y"}
GCS = """\
from mage_ai.io.config import ConfigFileLoader
from mage_ai.io.google_cloud_storage import GoogleCloudStorage

@data_loader
def load(*args, **kwargs):
    return GoogleCloudStorage.with_config(ConfigFileLoader(path, {profile})).load()
"""


def unset(maker, *blocks, environment=(), **more):
    maker.file("io_config.yaml", IO)
    maker.pipeline("p", *blocks, **more)
    project = read_project(maker.path)
    return [
        (item.variable, item.profile, item.key, item.line)
        for item in unset_variables(
            project, project.pipeline("p"), overlaid=OVERLAID, environment=environment
        )
    ]


def test_a_key_of_the_service_that_a_block_imports_is_needed(maker):
    block = maker.block("a", code=GCS.format(profile="'default'"))
    assert unset(maker, block) == [("GCS_LOCATION", "default", "GOOGLE_LOCATION", 3)]
    assert unset(maker, block, environment=["GCS_LOCATION"]) == []


@pytest.mark.parametrize(
    ("profile", "found"),
    [
        ("", ["GCS_LOCATION"]),
        ("profile='default'", ["GCS_LOCATION"]),
        ("'dev'", []),
        ("name", []),
        ("name or 'default'", ["GCS_LOCATION"]),
        ("kwargs['profile']", []),
    ],
)
def test_the_profile_is_the_one_that_the_block_names(maker, profile, found):
    block = maker.block("a", code=GCS.format(profile=profile))
    assert [item[0] for item in unset(maker, block)] == found


def test_a_profile_may_come_from_a_pipeline_variable(maker):
    block = maker.block("a", code=GCS.format(profile="kwargs['profile']"))
    assert unset(maker, block, variables={"profile": "default"})


def test_a_key_that_a_block_spells_out_is_needed(maker):
    code = "ConfigFileLoader(path)\nBUCKET = config['MY_BUCKET']\n"
    assert unset(maker, maker.block("a", code=code)) == [("BUCKET", "default", "MY_BUCKET", 5)]


def test_a_sql_block_needs_the_keys_of_its_provider(maker):
    block = maker.block(
        "a",
        language="sql",
        code="select 1",
        configuration={"data_provider": "postgres", "data_provider_profile": "dev"},
    )
    assert unset(maker, block) == [("PG_SCHEMA", "dev", "POSTGRES_SCHEMA", 8)]


def test_what_a_module_of_the_project_uses_counts(maker):
    maker.file("utils/shared.py", GCS.format(profile="'default'"))
    maker.file("utils/__init__.py", "")
    for line in ("from demo.utils.shared import load", "from utils import shared"):
        block = maker.block("a", code=f"{line}\n@data_loader\ndef f(*a, **k): return 1\n")
        assert [item[0] for item in unset(maker, block)] == ["GCS_LOCATION"]


def test_a_pipeline_that_uses_no_profile_needs_nothing(maker):
    assert unset(maker, maker.block("a")) == []
    (maker.path / "io_config.yaml").unlink()
    project = read_project(maker.path)
    assert unset_variables(project, project.pipeline("p"), overlaid={}, environment=()) == []


def test_one_error_names_all_with_place_and_remedy(maker):
    unset(maker, maker.block("a", code=GCS.format(profile="") + "config['MY_BUCKET']\n"))
    project = read_project(maker.path)
    found = unset_variables(project, project.pipeline("p"), overlaid={}, environment=())
    message = str(unset_error("p", found))
    assert "KEY_DEST, GCS_LOCATION, BUCKET" in message
    assert "io_config.yaml:3: profile default, GOOGLE_LOCATION asks for GCS_LOCATION" in message
    assert "[tool.mage-harness.env]" in message
    assert unset_error("p", found).exit_status == 2


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("{{ env_var('A') }}", ["A"]),
        ('{{env_var("A")}}/{{ env_var("B") }}', ["A", "B"]),
        ("{{ env_var('A', 'x') }}", []),
        ("{{ env_var('A') or 'x' }}", []),
        ("{{ env_var('A') | default('x', true) }}", []),
        ("{{ env_var('A') | int }}", ["A"]),
        ("{{ 'y' if env_var('A') else env_var('B') }}", ["B"]),
        ("{{ mage_secret_var('A') }}", []),
        ("{{ env_var('SET') }}", []),
        ("plain", []),
    ],
)
def test_names_in_a_value(value, names):
    assert unset_names(value, frozenset({"SET"})) == names


def test_the_profiles_that_blocks_want(maker):
    maker.pipeline(
        "p",
        maker.block("a", code=GCS.format(profile="'dev'")),
        maker.block("b", code=GCS.format(profile="")),
        maker.block(
            "c", language="sql", code="", configuration={"data_provider_profile": "warehouse"}
        ),
    )
    project = read_project(maker.path)
    assert wanted_profiles(project, project.pipelines) == ["default", "dev", "warehouse"]
