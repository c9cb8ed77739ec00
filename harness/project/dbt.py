"""dbt projects within a Mage project, as data: where they lie, and what their profiles name.

Mage reads a project's profiles from its own folder and nowhere else (``Profiles`` of
data_preparation/models/block/dbt/profiles.py, mage-ai 0.9.80).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import ProjectError
from harness.project.blockfile import is_file
from harness.project.located import Located, parse_yaml, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.project.model import Block, Project

PROJECT_FILES = ("dbt_project.yml", "dbt_project.yaml")
PROFILES = "profiles.yml"
_NOT_OF_IT = frozenset({"dbt_packages", "dbt_modules", "target", "node_modules", ".git", ".venv"})
_TYPE = re.compile(r"(?:^\s+|[{,]\s*)type:\s*['\"]?(\w+)", re.MULTILINE)
_KEPT = re.compile(r"jinja_(\d+)_ajnij")
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class DbtProject:
    """A dbt project.

    Attributes:
        folder: Its folder, relative to the Mage project.
        settings: The content of its dbt_project.yml, with Jinja as it is written.
        profiles: The content of its profiles.yml, likewise; None where there is none, empty where
            it cannot be read.
        lines: For the path of keys to a value of its profiles.yml, the line.
    """

    folder: Path
    settings: dict[str, Any]
    profiles: dict[str, Any] | None
    lines: Mapping[tuple[str | int, ...], int] = field(default_factory=dict)

    @property
    def profiles_file(self) -> Path:
        """Its profiles.yml, relative to the Mage project."""
        return self.folder / PROFILES

    @property
    def profile(self) -> str:
        """The profile that it names, or an empty string."""
        return str(self.settings.get("profile") or "")

    def targets(self) -> tuple[str, ...] | None:
        """The targets of its profile; None where there is no such profile."""
        profile = (self.profiles or {}).get(self.profile)
        outputs = profile.get("outputs") if isinstance(profile, dict) else None
        return tuple(map(str, outputs)) if isinstance(outputs, dict) else None

    def target(self, named: str = "") -> str:
        """The target that is used; empty where that cannot be seen.

        Args:
            named: What the block names; the profile's own choice if empty.
        """
        profile = (self.profiles or {}).get(self.profile)
        known = self.targets() or ()
        chosen = named or (profile.get("target") if isinstance(profile, dict) else "") or "default"
        if chosen in known:
            return str(chosen)
        return known[0] if len(known) == 1 and not named else ""

    def output(self, named: str = "") -> dict[str, Any]:
        """What its profile says of the target that is used; empty where that cannot be seen.

        Args:
            named: What the block names; the profile's own choice if empty.
        """
        target = self.target(named)
        found = (self.profiles or {})[self.profile]["outputs"][target] if target else None
        return found if isinstance(found, dict) else {}

    def paths(self, kind: str, default: str) -> list[Path]:
        """The folders of its models, seeds, ..., relative to the Mage project.

        Args:
            kind: A key of dbt_project.yml, such as ``model-paths``.
            default: What dbt takes where there is none.
        """
        named = self.settings.get(kind) or [default]
        return [self.folder / str(one) for one in (named if isinstance(named, list) else [named])]


def project_of(project: Project, block: Block) -> DbtProject | None:
    """The dbt project that a block belongs to; None where Mage would find none.

    Args:
        project: The Mage project.
        block: A dbt block.
    """
    named = str(block.configuration.get("dbt_project_name") or "")
    profiles = str(block.configuration.get("dbt_profiles_file_path") or "")
    if block.language == "sql" and block.file is not None:
        places = [block.file.parent, *block.file.parent.parents]
    else:
        places = [Path(profiles).parent] if profiles else []
        places += [Path(named), Path("dbt") / named] if named else []
    for place in places:
        for folder in (place, _without(project.name, place)):
            if any(is_file(project.path / folder / name) for name in PROJECT_FILES):
                return _read(project, folder)
    return None


def profile_types(project: Project) -> list[str]:
    """The kinds of databases that profiles name, whichever their target, each once.

    Args:
        project: The Mage project.
    """
    kinds = (
        kind
        for folder in sorted(_folders(project))
        for kind in _TYPE.findall(_text(project, folder / PROFILES))
    )
    return list(dict.fromkeys(kinds))


def _folders(project: Project) -> Iterator[Path]:
    for above, folders, files in os.walk(project.path):
        folders[:] = [name for name in folders if name not in _NOT_OF_IT]
        if any(name in files for name in PROJECT_FILES):
            yield Path(above).relative_to(project.path)


def _read(project: Project, folder: Path) -> DbtProject:
    file = next(name for name in PROJECT_FILES if is_file(project.path / folder / name))
    profiles = read_jinja_yaml(project, folder / PROFILES)
    return DbtProject(
        folder=folder,
        settings=read_jinja_yaml(project, folder / file).data,
        profiles=profiles.data if is_file(project.path / folder / PROFILES) else None,
        lines=profiles.lines,
    )


def read_jinja_yaml(project: Project, file: Path) -> Located:
    """A YAML file that Mage or dbt renders before it reads it; empty where it cannot be read.

    Args:
        project: The Mage project.
        file: The file, relative to it.
    """
    jinja: list[str] = []

    def kept(found: re.Match[str]) -> str:
        jinja.append(found[0])
        return f"jinja_{len(jinja) - 1}_ajnij"

    try:
        located = parse_yaml(_JINJA.sub(kept, _text(project, file)), name=str(file))
    except ProjectError:
        return Located(data={})
    data = _with_jinja(located.data, jinja) if isinstance(located.data, dict) else {}
    return Located(data=data, lines=located.lines)


def _with_jinja(value: Any, jinja: Sequence[str]) -> Any:
    if isinstance(value, dict):
        return {_with_jinja(key, jinja): _with_jinja(one, jinja) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_jinja(one, jinja) for one in value]
    if isinstance(value, str):
        return _KEPT.sub(lambda found: jinja[int(found[1])], value)
    return value


def _text(project: Project, file: Path) -> str:
    try:
        return read_text(project.path / file) if is_file(project.path / file) else ""
    except ProjectError:
        return ""


def _without(name: str, path: Path) -> Path:
    """A path that begins with the Mage project's own name, as Mage takes it."""
    return Path(*path.parts[1:]) if path.parts[:1] == (name,) else path
