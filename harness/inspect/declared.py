"""What is written in a block's declaration and in its SQL: SQL blocks and dbt blocks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import ProjectError
from harness.inspect.clients.call import Sighting, product
from harness.inspect.clients.mage import SERVICES
from harness.inspect.sql import tables, without_jinja
from harness.inspect.values import Text, text
from harness.project.blockfile import is_file
from harness.project.located import parse_yaml, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.inspect.model import Kind, Service
    from harness.project.model import Block, Pipeline, Project

_UPSTREAM = re.compile(r"df_\d+")
_ASKED: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("environment", re.compile(r"env_var\(\s*['\"](\w+)['\"]")),
    ("secret", re.compile(r"mage_secret_var\(\s*['\"](.+?)['\"]")),
    ("variable", re.compile(r"variables\(\s*['\"](\w+)['\"]")),
    ("variable", re.compile(r"\{\{\s*(?!df_\d)(\w+)\s*\}\}")),
)
_SOURCE = re.compile(r"""source\(\s*['"](\w+)['"]\s*,\s*['"](\w+)['"]\s*\)""")
_DBT: dict[str, Service] = {
    "postgres": "postgres",
    "bigquery": "bigquery",
    "duckdb": "duckdb",
    "mysql": "mysql",
}


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
    if file is None or not is_file(project.within(file)):
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
    for access, name in tables(without_jinja(content), provider):
        if any(_UPSTREAM.fullmatch(hole.name) for hole in name.holes):
            continue  # what an upstream block gave
        line = _line(content, name)
        found = Sighting(
            kind="table", name=name, access=access, client=client, service=service, detail=detail
        )
        yield found, block.file or pipeline.metadata, line
    yield from _asked(content, block.file)
    if not settings.get("use_raw_sql"):
        schema = settings.get("data_provider_schema")
        table = settings.get("data_provider_table") or f"{pipeline.uuid}_{block.uuid}"
        policy = settings.get("export_write_policy")
        more = [
            *([detail] if detail else []),
            *([f"export_write_policy={policy}"] if policy else []),
        ]
        names = product([text(str(schema))] if schema else [], [text(str(table).replace("/", "_"))])
        found = Sighting(
            kind="table",
            name=names[0],
            access="writes",
            client=client,
            service=service,
            detail=", ".join(more),
        )
        yield found, pipeline.metadata, block.line_of("configuration.data_provider_schema")


def _dbt(
    project: Project, pipeline: Pipeline, block: Block
) -> Iterator[tuple[Sighting, Path, int]]:
    content = _content(project, block.file)
    for schema, table in _SOURCE.findall(content):
        name = text(f"{schema}.{table}")
        line = _line(content, Text((table,)))
        found = Sighting(
            kind="table", name=name, access="reads", client="dbt", service=_of(project)
        )
        yield found, block.file or pipeline.metadata, line
    yield from _asked(content, block.file)
    for file in _profiles(project):
        kept = _content(project, file)
        for number, line_ in enumerate(kept.splitlines(), 1):
            kind = re.match(r"\s+type:\s*['\"]?(\w+)", line_)
            if kind:
                found = Sighting(
                    kind="connection",
                    name=text(kind[1]),
                    access="opens",
                    client="dbt",
                    service=_DBT.get(kind[1], "other"),
                    detail=str(block.configuration.get("dbt_profile_target") or ""),
                )
                yield found, file, number
        yield from _asked(kept, file)


def _profiles(project: Project) -> list[Path]:
    return sorted(
        file.relative_to(project.path)
        for folder in ("dbt", ".")
        for file in (project.path / folder).glob("*/profiles.yml")
    )


def _of(project: Project) -> Service:
    kinds = set()
    for file in _profiles(project):
        try:
            data = parse_yaml(without_jinja(_content(project, file)).shown, name=str(file)).data
        except ProjectError:
            continue
        for profile in data.values() if isinstance(data, dict) else ():
            outputs = profile.get("outputs") if isinstance(profile, dict) else None
            for output in outputs.values() if isinstance(outputs, dict) else ():
                kinds.add(str(output.get("type")) if isinstance(output, dict) else "")
    known = [_DBT.get(kind, "other") for kind in kinds]
    return known[0] if len(known) == 1 else ""


def _asked(content: str, file: Path | None) -> Iterator[tuple[Sighting, Path, int]]:
    for kind, pattern in _ASKED:
        for found in pattern.finditer(content):
            line = content.count("\n", 0, found.start()) + 1
            sighting = Sighting(kind=kind, name=text(found[1]), access="reads", client="Jinja")
            yield sighting, file or Path(), line


def _line(content: str, name: Text) -> int:
    """The line that a table's last part stands on first."""
    plain = [part for part in name.parts if isinstance(part, str)]
    word = plain[-1].rpartition(".")[2] if plain else ""
    at = content.find(word) if word else 0
    return content.count("\n", 0, max(at, 0)) + 1
