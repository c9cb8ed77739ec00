"""What is written in a block's declaration and in its SQL: SQL blocks and dbt blocks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import ProjectError
from harness.inspect.asked import ask
from harness.inspect.clients.call import Sighting, product
from harness.inspect.clients.mage import SERVICES
from harness.inspect.clients.queries import unread
from harness.inspect.dbt import is_first, of_dbt
from harness.inspect.sql import tables, without_jinja
from harness.inspect.sqlobjects import objects
from harness.inspect.stored import BY_MAGE
from harness.inspect.values import Text, text
from harness.project.blockfile import is_file
from harness.project.dbt import project_of
from harness.project.located import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.inspect.model import Kind
    from harness.project.model import Block, Pipeline, Project

_UPSTREAM = re.compile(r"df_\d+")
_ASKED: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("environment", re.compile(r"env_var\(\s*['\"](\w+)['\"]")),
    ("secret", re.compile(r"mage_secret_var\(\s*['\"](.+?)['\"]")),
    ("variable", re.compile(r"variables\(\s*['\"](\w+)['\"]")),
    ("variable", re.compile(r"\{\{\s*(?!df_\d)(\w+)\s*\}\}")),
)


def declared(
    project: Project, pipeline: Pipeline, block: Block
) -> Iterator[tuple[Sighting, Path, int]]:
    """What a SQL or dbt block names, each with file and line.

    Args:
        project: The project.
        pipeline: The pipeline.
        block: The block.
    """
    if block.type == "dbt":
        yield from _dbt(project, pipeline, block)
    elif block.language == "sql":
        yield from _sql(project, pipeline, block)


def _content(project: Project, file: Path | None) -> str:
    if file is None or not is_file(ask(project.within(file))):
        return ""
    try:
        return read_text(project.within(file))
    except ProjectError:
        return ""


def _sql(
    project: Project, pipeline: Pipeline, block: Block
) -> Iterator[tuple[Sighting, Path, int]]:
    settings = block.configuration
    provider = str(settings.get("data_provider") or "")
    service = SERVICES.get(provider, "other")
    profile = settings.get("data_provider_profile")
    detail = f"profile {profile}" if profile else ""
    client = f"mage_ai.io.{provider}" if provider else "SQL block"
    content = _content(project, block.file)
    query = without_jinja(content)
    named = tables(query, provider)
    if named is None:
        yield unread(query, client=client), block.file or pipeline.metadata, 1
    for access, name in named or ():
        if any(_UPSTREAM.fullmatch(hole.name) for hole in name.holes):
            continue  # what an upstream block gave
        line = _line(content, name)
        found = Sighting(
            kind="table", name=name, access=access, client=client, service=service, detail=detail
        )
        yield found, block.file or pipeline.metadata, line
    for access, name in objects(query):
        found = Sighting(kind="object", name=name, access=access, client=client, service="gcs")
        yield found, block.file or pipeline.metadata, _line_of(content, "gs://", name.parts[0])
    yield from _asked(content, block.file)
    if not settings.get("use_raw_sql"):
        schema = settings.get("data_provider_schema")
        table = settings.get("data_provider_table")
        policy = settings.get("export_write_policy")
        more = [
            *([detail] if detail else []),
            *([f"export_write_policy={policy}"] if policy else []),
            *([] if table else [BY_MAGE]),
        ]
        shown = text(str(table or _by_mage(pipeline, block)))
        names = product([text(str(schema))] if schema else [], [shown])
        found = Sighting(
            kind="table",
            name=names[0],
            access="writes",
            client=client,
            service=service,
            detail=", ".join(more),
        )
        yield found, pipeline.metadata, block.line_of("configuration.data_provider_schema")


def _by_mage(pipeline: Pipeline, block: Block) -> str:
    """The table of a block that names none, as ``Block.table_name`` of mage-ai 0.9.80 has it.

    A run by the engine leaves out ``dev_``.
    """
    return f"dev_{pipeline.uuid}_{re.sub('[^0-9a-z]', '_', block.uuid.lower())}_v1"


def _dbt(
    project: Project, pipeline: Pipeline, block: Block
) -> Iterator[tuple[Sighting, Path, int]]:
    yield from of_dbt(project, pipeline, block)
    yield from _asked(_content(project, block.file), block.file)
    found = project_of(project, block)
    if found is not None and is_first(project, pipeline, block, found):
        yield from _asked(_content(project, found.profiles_file), found.profiles_file)


def _asked(content: str, file: Path | None) -> Iterator[tuple[Sighting, Path, int]]:
    for kind, pattern in _ASKED:
        for found in pattern.finditer(content):
            line = content.count("\n", 0, found.start()) + 1
            sighting = Sighting(kind=kind, name=text(found[1]), access="reads", client="Jinja")
            yield sighting, file or Path(), line


def _line(content: str, name: Text) -> int:
    """The line that a table's last part stands on first."""
    plain = [part for part in name.parts if isinstance(part, str)]
    return _line_of(content, plain[-1].rpartition(".")[2] if plain else "")


def _line_of(content: str, *words: object) -> int:
    """The line that words stand on first, one right after the other."""
    at = content.find("".join(word for word in words if isinstance(word, str)))
    return content.count("\n", 0, max(at, 0)) + 1
