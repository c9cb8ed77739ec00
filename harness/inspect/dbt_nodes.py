"""The models, seeds, snapshots and sources of a dbt project, by its files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from harness.errors import ProjectError
from harness.project.dbt import read_jinja_yaml
from harness.project.located import read_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.project.dbt import DbtProject
    from harness.project.model import Project

_KINDS: tuple[tuple[Literal["model", "seed", "snapshot"], str, str, str], ...] = (
    ("model", "model-paths", "models", "*.sql"),
    ("seed", "seed-paths", "seeds", "*.csv"),
    ("snapshot", "snapshot-paths", "snapshots", "*.sql"),
)
_REF = re.compile(r"""\bref\(\s*(?:['"]\w+['"]\s*,\s*)?['"](\w+)['"]""")
_CONFIG = re.compile(r"\{\{\s*config\((.*?)\)\s*\}\}", re.DOTALL)
_SNAPSHOT = re.compile(r"\{%-?\s*snapshot\s+(\w+)")


@dataclass(frozen=True, kw_only=True)
class DbtSource:
    """A table that dbt is told of and does not make.

    Attributes:
        schema: Its schema or dataset; empty for the target's.
        table: Its name there.
        database: Its database or project, where it is named.
        location: The file that stands for it, for DuckDB.
    """

    schema: str
    table: str
    database: str = ""
    location: str = ""


@dataclass(frozen=True, kw_only=True)
class Node:
    """Something that dbt makes.

    Attributes:
        name: Its name in dbt.
        kind: What it is.
        file: Its file, relative to the Mage project.
        text: The file's text; empty for a seed.
        settings: What dbt_project.yml says of it.
        parts: Its path below the folder of its kind, with the dbt project's name first.
    """

    name: str
    kind: Literal["model", "seed", "snapshot"]
    file: Path
    text: str
    settings: Mapping[str, Any]
    parts: tuple[str, ...]

    @property
    def refs(self) -> list[str]:
        """The names of what it reads of the dbt project."""
        return list(dict.fromkeys(_REF.findall(self.text)))

    def config(self, key: str) -> str:
        """A setting, by the file or else by dbt_project.yml; empty where there is none."""
        for call in _CONFIG.findall(self.text):
            found = re.search(rf"\b{key}\s*=\s*['\"](.+?)['\"]", call)
            if found:
                return str(found[1])
        return str(self.settings.get(key) or "")


def nodes_of(project: Project, dbt: DbtProject) -> dict[str, Node]:
    """What a dbt project makes, by name.

    Args:
        project: The Mage project.
        dbt: The dbt project.
    """
    found = {}
    for kind, key, default, pattern in _KINDS:
        for folder in dbt.paths(key, default):
            for file in sorted((project.path / folder).rglob(pattern)):
                below = file.relative_to(project.path / folder)
                text = "" if kind == "seed" else _text(file)
                inside = _SNAPSHOT.search(text)
                node = Node(
                    name=inside[1] if inside else file.stem,
                    kind=kind,
                    file=file.relative_to(project.path),
                    text=text,
                    settings=_settings(dbt, kind, below),
                    parts=(str(dbt.settings.get("name") or ""), *below.parent.parts, file.stem),
                )
                found[node.name] = node
    return found


def sources_of(project: Project, dbt: DbtProject) -> dict[tuple[str, str], DbtSource]:
    """The sources that a dbt project declares, by their two names.

    Args:
        project: The Mage project.
        dbt: The dbt project.
    """
    found = {}
    for folder in dbt.paths("model-paths", "models"):
        for file in sorted((project.path / folder).rglob("*.y*ml")):
            content = read_jinja_yaml(project, file.relative_to(project.path)).data
            for source in _mappings(content.get("sources")):
                name = str(source.get("name") or "")
                for table in _mappings(source.get("tables")):
                    named = str(table.get("name") or "")
                    identifier = str(table.get("identifier") or named)
                    location = _location(table) or _location(source)
                    found[name, named] = DbtSource(
                        schema=str(source.get("schema") or name),
                        table=identifier,
                        database=str(source.get("database") or ""),
                        location=location.replace("{name}", named).replace(
                            "{identifier}", identifier
                        ),
                    )
    return found


def _location(declared: Mapping[str, Any]) -> str:
    config = declared.get("config")
    for place in (declared.get("meta"), config, (config or {}).get("meta")):
        if isinstance(place, dict) and isinstance(place.get("external_location"), str):
            return str(place["external_location"])
    return ""


def _settings(dbt: DbtProject, kind: str, below: Path) -> dict[str, Any]:
    """What dbt_project.yml says of a file, the nearer folder beating the further one."""
    found: dict[str, Any] = {}
    level: Any = dbt.settings.get(f"{kind}s")
    for part in ("", str(dbt.settings.get("name") or ""), *below.with_suffix("").parts):
        level = level.get(part) if part and isinstance(level, dict) else level
        if not isinstance(level, dict):
            break
        found |= {
            str(key).removeprefix("+"): value
            for key, value in level.items()
            if not isinstance(value, dict)
        }
    return found


def _mappings(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(file: Path) -> str:
    try:
        return read_text(file)
    except ProjectError:
        return ""
