"""Shapes of pipelines that no run can be given yet, each with the reason."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from harness.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.model import Pipeline

_TYPES = {
    "streaming": "its executor waits for messages from a broker, for which there is no private "
    "service, and does not end",
    "integration": "its streams are made by Mage's trigger engine from the catalogs of its source "
    "and destination, and neither has a private service",
    "pyspark": "Mage sends it to an AWS EMR cluster",
}
_BLOCK_TYPES = frozenset({"data_exporter", "data_loader", "transformer"})


def unsupported(pipeline: Pipeline) -> Iterator[Problem]:
    """Find what of a pipeline is not supported yet.

    Args:
        pipeline: The pipeline.
    """
    at = partial(Problem, pipeline=pipeline.uuid, file=str(pipeline.metadata))
    why = _TYPES.get(pipeline.type)
    if why:
        yield at(
            code="pipeline-type-unsupported",
            line=pipeline.lines.get("type"),
            message=f"a pipeline of type {pipeline.type} is not supported yet, because {why}. Test "
            "its blocks in a python pipeline.",
        )
        return
    for block in pipeline.blocks:
        # Unless the project switches a feature on, Mage runs the YAML as if it were Python.
        if block.language == "yaml" and block.type in _BLOCK_TYPES:
            yield at(
                code="integration-unsupported",
                block=block.uuid,
                line=block.line_of("language"),
                message=f"{block.uuid} is a source or destination of data integration, in YAML; it "
                "is not supported yet, because no private service speaks to its connector. Test "
                "the other blocks in a pipeline without it.",
            )
