"""dbt projects as data, and what of dbt the environment of a project with dbt blocks has."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.project.dbt import DbtProject, profile_types, project_of
from harness.project.reader import read_project
from harness.project.recipe import mage_recipe
from harness.settings import Settings

PIPELINE = """\
type: python
blocks:
- uuid: dbt/shop/models/orders
  type: dbt
  language: sql
  configuration: {file_path: dbt/shop/models/orders.sql}
- uuid: rest
  type: dbt
  language: yaml
  configuration: {dbt_project_name: shop}
"""
PROFILES = """\
shop:
  target: dev
  outputs:
    dev:
      type: postgres
      host: "{{ env_var('HOST') }}"
      port: {{ env_var('PORT') }}
    prod: {type: bigquery, dataset: shop}
"""


@pytest.fixture
def project(maker):
    maker.file("pipelines/orders/metadata.yaml", PIPELINE)
    maker.file("dbt/shop/dbt_project.yml", "name: shop\nprofile: shop\nmodel-paths: [marts]\n")
    maker.file("dbt/shop/profiles.yml", PROFILES)
    maker.file("dbt/shop/models/orders.sql", "select 1")
    maker.file("dbt/shop/dbt_packages/utils/dbt_project.yml", "name: utils\n")

    def read(requirements=None):
        if requirements is not None:
            maker.file("requirements.txt", requirements)
        return read_project(maker.path)

    return read


def dbt_of(project) -> DbtProject:
    return project_of(project, project.pipelines[0].blocks[0])


def test_a_project_its_profile_and_targets_with_mages_jinja_in_them(project):
    found = dbt_of(project())
    assert (found.folder, found.profile) == (Path("dbt/shop"), "shop")
    assert found.output()["type"] == "postgres"
    assert found.output("prod") == {"type": "bigquery", "dataset": "shop"}
    assert found.output("nowhere") == {}
    assert found.paths("model-paths", "models") == [Path("dbt/shop/marts")]
    assert found.paths("seed-paths", "seeds") == [Path("dbt/shop/seeds")]
    assert profile_types(project()) == ["postgres", "bigquery"]


def test_the_project_of_a_block_is_that_of_its_model_or_the_one_it_names(project):
    read = project()
    sql, yaml = read.pipelines[0].blocks
    for block in (sql, yaml):
        assert project_of(read, block).folder == Path("dbt/shop")


def test_profiles_that_are_missing_or_no_yaml(project, maker):
    maker.file("dbt/shop/profiles.yml", "shop: [")
    assert dbt_of(project()).profiles == {}
    (maker.path / "dbt/shop/profiles.yml").unlink()
    assert dbt_of(project()).profiles is None


@pytest.mark.parametrize(
    ("requirements", "installed"),
    [
        (
            None,
            {
                *("dbt-core==1.10.20", "dbt-adapters==1.22.5", "dbt-postgres==1.10.0"),
                *("dbt-bigquery==1.10.3", "dbt-duckdb==1.10.1", "duckdb==1.4.3"),
            },
        ),
        (
            "dbt_core\ndbt-bigquery  # the newest\n",
            {
                *("dbt-core==1.10.20", "dbt-adapters==1.22.5", "dbt-postgres==1.10.0"),
                *("dbt-bigquery==1.10.3", "dbt-duckdb==1.10.1", "duckdb==1.4.3"),
            },
        ),
        ("dbt-postgres==1.8.2\n", {"dbt-core<1.12", "dbt-bigquery"}),
        ("dbt-core==1.9.0\ndbt_postgres\ndbt-bigquery\n", set()),
    ],
)
def test_dbt_is_that_of_mages_image_unless_the_project_has_its_own(
    project, requirements, installed
):
    packages = mage_recipe(Settings(), project(requirements)).packages
    assert {one for one in packages if one.startswith(("dbt", "duckdb"))} == installed


def test_a_project_without_dbt_blocks_has_none_of_it(maker):
    maker.file("dbt/shop/dbt_project.yml", "name: shop\n")
    packages = mage_recipe(Settings(), read_project(maker.path)).packages
    assert not [one for one in packages if one.startswith("dbt")]
