"""What is wrong with types and settings in a pipeline's metadata.yaml."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from harness.nearest import meant
from harness.problem import Problem
from harness.project.blockfile import EXTENSIONS
from harness.project.lint.schedule import NEVER_RUN
from harness.project.unsupported import unsupported

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.model import Block, Pipeline

# PipelineType and BlockType of data_preparation/models/constants.py.
PIPELINE_TYPES = (
    "python",
    "pyspark",
    "streaming",
    "integration",
    "databricks",
    "execution_framework",
)
BLOCK_TYPES = (
    "callback",
    "chart",
    "conditional",
    "custom",
    "data_exporter",
    "data_loader",
    "dbt",
    "dynamic_child",
    "extension",
    "global_data_product",
    "group",
    "hook",
    "markdown",
    "pipeline",
    "scratchpad",
    "sensor",
    "transformer",
)
# Types that Mage accepts as a word and then has no class for (block_factory.py).
_NO_CLASS = frozenset({"dynamic_child", "hook"})
# Types whose file is run but in which no function is called (Block._validate_execution).
_NO_FUNCTION = frozenset({"callback", "conditional", "group", "pipeline"})
# The branches of execute_sql_code (data_preparation/models/block/sql/__init__.py); there is no
# `else`.
SQL_PROVIDERS = (
    "bigquery",
    "clickhouse",
    "druid",
    "duckdb",
    "mysql",
    "postgres",
    "redshift",
    "snowflake",
    "sqlserver",
    "trino",
)


def configuration_problems(pipeline: Pipeline) -> Iterator[Problem]:
    """Find unknown or unsupported types and providers, and pipelines of no blocks."""
    at = partial(Problem, pipeline=pipeline.uuid, file=str(pipeline.metadata))
    yield from _pipeline(pipeline, at)
    for block in pipeline.blocks:
        here = partial(at, block=block.uuid)
        yield from _block_type(block, here)
        yield from _sql(block, here)
        yield from _dynamic(pipeline, block, here)
        yield from _addons(block, here)


def _addons(block: Block, at: partial[Problem]) -> Iterator[Problem]:
    for what, key, uuids in (
        ("condition", "conditional_blocks", block.conditional_blocks),
        ("callback", "callback_blocks", block.callback_blocks),
    ):
        if uuids:
            yield at(
                code=f"{what}-skipped",
                line=block.line_of(key),
                message=f"{', '.join(uuids)} needs Mage's engine: the harness takes it, where no "
                "other entry is asked for. A whole-pipeline `mage run` passes over conditional and "
                "callback blocks without a word.",
            )


def _pipeline(pipeline: Pipeline, at: partial[Problem]) -> Iterator[Problem]:
    if pipeline.type not in PIPELINE_TYPES:
        near = meant(pipeline.type, PIPELINE_TYPES) or "python"
        yield at(
            code="pipeline-type-unknown",
            line=pipeline.lines.get("type"),
            message=f"there is no pipeline type {pipeline.type!r}; Mage runs it as if it were "
            f"python, without a word. Write `type: {near}`.",
        )
    yield from unsupported(pipeline)
    if not any(block.type not in NEVER_RUN for block in pipeline.blocks):
        yield at(
            code="no-blocks",
            line=pipeline.lines.get("blocks"),
            message="the pipeline has no block that Mage runs; `mage run` does nothing and says "
            "that it completed. Add a block, or remove the pipeline.",
        )


def _block_type(block: Block, at: partial[Problem]) -> Iterator[Problem]:
    line = block.line_of("type")
    if block.type not in BLOCK_TYPES or block.type in _NO_CLASS:
        near = meant(block.type, [kind for kind in BLOCK_TYPES if kind not in _NO_CLASS])
        remedy = f"Write `type: {near}`" if near else "Write data_loader, transformer or another"
        yield at(
            code="block-type-unknown",
            line=line,
            message=f"Mage cannot run a block of type {block.type!r} and stops while it loads the "
            f"pipeline. {remedy}.",
        )
    elif block.type in _NO_FUNCTION:
        yield at(
            code="block-does-nothing",
            line=line,
            message=f"Mage reads a block of type {block.type} in `blocks` but calls none of its "
            "functions, without a word. Change its type, or move it to the list of its kind.",
        )
    if block.language not in EXTENSIONS:
        near = meant(block.language, EXTENSIONS) or "python"
        yield at(
            code="language-unknown",
            line=block.line_of("language"),
            message=f"there is no block language {block.language!r}; Mage stops with a KeyError. "
            f"Write `language: {near}`.",
        )
    elif block.file is None and block.type == "dbt":
        yield at(
            code="file-missing",
            line=block.line,
            message=f"{block.uuid} does not name its model. Write `file_path:` in its "
            "configuration.",
        )


def _sql(block: Block, at: partial[Problem]) -> Iterator[Problem]:
    if block.language != "sql" or block.type == "dbt":
        return
    provider: Any = block.configuration.get("data_provider")
    if provider not in SQL_PROVIDERS:
        near = meant(str(provider), SQL_PROVIDERS) if provider else ""
        said = f"has the unknown data_provider {provider!r}" if provider else "has no data_provider"
        remedy = f"Write {near}" if near else f"Write one of {', '.join(SQL_PROVIDERS)}"
        yield at(
            code="provider-unknown",
            line=block.line_of("configuration.data_provider"),
            message=f"the SQL block {said}; Mage runs nothing, without a word. {remedy}.",
        )
    elif block.type == "sensor":
        # It is none of PREVIEWABLE_BLOCK_TYPES of the same file.
        yield at(
            code="block-does-nothing",
            line=block.line_of("type"),
            message="Mage does not run raw SQL in a sensor, and waits for no row of other SQL, "
            "without a word. Write the sensor in Python.",
        )


def _dynamic(pipeline: Pipeline, block: Block, at: partial[Problem]) -> Iterator[Problem]:
    if not any(block.uuid in other.upstream for other in pipeline.blocks):
        return
    dynamic = block.configuration.get("dynamic")
    if dynamic is True:
        effect = (
            "which needs Mage's engine: the harness takes it, where no other entry is asked for. "
            "A whole-pipeline `mage run` stops with a TypeError at the blocks behind it"
        )
    elif isinstance(dynamic, dict) and dynamic.get("parent"):
        effect = "and without DYNAMIC_BLOCKS_V2 Mage takes it for a plain block, without a word"
    else:
        return
    yield at(
        code="dynamic-block-unsupported",
        line=block.line_of("configuration.dynamic"),
        message=f"{block.uuid} is a dynamic block, {effect}.",
    )
