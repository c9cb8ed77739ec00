"""What the lint says of dbt blocks whose project, profiles or target cannot serve."""

from __future__ import annotations

import pytest

from harness.project.lint import lint
from harness.project.reader import read_project

PROFILES = """\
shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: shop.duckdb}
    cloud: {type: snowflake, account: abc}
"""


@pytest.fixture
def told(maker):
    def told(*, profiles=PROFILES, profile="shop", **configuration):
        maker.pipeline(
            "p",
            maker.block(
                "dbt/shop/models/orders",
                type="dbt",
                language="sql",
                code=None,
                configuration={"file_path": "dbt/shop/models/orders.sql", **configuration},
            ),
        )
        maker.file("dbt/shop/models/orders.sql", "select 1")
        if profile is not None:
            maker.file("dbt/shop/dbt_project.yml", f"name: shop\nprofile: {profile}\n")
        if profiles is not None:
            maker.file("dbt/shop/profiles.yml", profiles)
        return [(one.code, one.message) for one in lint(read_project(maker.path))]

    return told


def test_a_sound_block_has_no_problems(told):
    assert told() == []
    assert told(dbt_profile_target="dev") == []


def test_a_target_or_a_profile_with_jinja_in_it_is_left_to_the_run(told):
    assert told(dbt_profile_target="{{ variables('target') }}") == []
    assert told(profile="\"{{ env_var('PROFILE') }}\"") == []


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ({"profile": None, "profiles": None}, "dbt-project-missing", "dbt_project_name: dbt/shop"),
        ({"profiles": None}, "dbt-profiles-missing", "type: postgres, host: postgres"),
        ({"profile": "shopp"}, "dbt-target-unknown", "`profile: shop` in dbt_project.yml"),
        ({"dbt_profile_target": "dve"}, "dbt-target-unknown", "dbt_profile_target: dev"),
        ({"dbt_profile_target": "cloud"}, "dbt-adapter-unsupported", "no private snowflake"),
    ],
)
def test_what_cannot_run_is_told_with_what_to_write(told, given, code, said):
    ((found, message),) = told(**given)
    assert found == code
    assert said in message
