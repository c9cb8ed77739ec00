"""What dbt blocks lack before anything runs: their project, its profiles, and a target of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from harness.nearest import meant
from harness.problem import Problem
from harness.project.dbt import project_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.dbt import DbtProject
    from harness.project.model import Block, Pipeline, Project

# Servers that dbt has an adapter for and the harness no private one; others may be files.
_ELSEWHERE = frozenset(
    {
        *("athena", "clickhouse", "databricks", "fabric", "glue", "oracle", "redshift"),
        *("snowflake", "spark", "sqlserver", "synapse", "teradata", "trino"),
    }
)
_LED = "postgres, bigquery or duckdb"


def dbt_problems(project: Project, pipeline: Pipeline) -> Iterator[Problem]:
    """Find dbt blocks that cannot run as they stand, or not here."""
    for block in pipeline.blocks:
        if block.type == "dbt" and block.language in ("sql", "yaml"):
            at = partial(
                Problem, pipeline=pipeline.uuid, block=block.uuid, file=str(pipeline.metadata)
            )
            yield from _of_block(project, block, at)


def _of_block(project: Project, block: Block, at: partial[Problem]) -> Iterator[Problem]:
    found = project_of(project, block)
    line = block.line_of("configuration")
    if found is None:
        if block.file is not None:
            yield at(
                code="dbt-project-missing",
                line=line,
                message="Mage finds no dbt_project.yml for the block. Name the folder that has "
                "one: `dbt_project_name: dbt/shop` in its configuration.",
            )
    elif found.profiles is None:
        yield at(
            code="dbt-profiles-missing",
            line=line,
            message=f"there is no {found.profiles_file}, and Mage looks nowhere else. Write one; "
            f"any host and password will do: {_example(found)}",
        )
    elif found.profiles:
        yield from _target(block, found, at)


def _target(block: Block, found: DbtProject, at: partial[Problem]) -> Iterator[Problem]:
    target = str(block.configuration.get("dbt_profile_target") or "")
    line = block.line_of("configuration.dbt_profile_target")
    known = found.targets()
    if any("{" in name for name in (target, found.profile)):
        return  # Jinja: known only when the pipeline runs
    if known is None:
        near = meant(found.profile, found.profiles or ())
        yield at(
            code="dbt-target-unknown",
            line=line,
            message=f"{found.profiles_file} has no profile {found.profile!r}, which "
            f"{found.folder}/dbt_project.yml names. Write its name there"
            + (f", or `profile: {near}` in dbt_project.yml." if near else "."),
        )
    elif target and target not in known:
        near = meant(target, known) or ", ".join(known)
        yield at(
            code="dbt-target-unknown",
            line=line,
            message=f"the profile {found.profile} of {found.profiles_file} has no target "
            f"{target!r}. Write `dbt_profile_target: {near}`.",
        )
    elif (kind := str(found.output(target).get("type") or "")) in _ELSEWHERE:
        yield at(
            code="dbt-adapter-unsupported",
            line=line,
            message=f"the block's target in {found.profiles_file} is of type {kind}, and the "
            f"harness has no private {kind}. Give the profile a target of type {_LED}, and name "
            "it in dbt_profile_target.",
        )


def _example(found: DbtProject) -> str:
    output = "{type: postgres, host: postgres, port: 5432, user: x, password: x, dbname: x,"
    return (
        f"`{found.profile or 'default'}: {{target: dev, outputs: {{dev: {output} schema: public}}"
        "}}`"
    )
