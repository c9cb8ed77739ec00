"""Variables that io_config.yaml asks for and that nobody sets.

Mage renders such a variable as the text "None" and goes on, so it has to be seen before the run.
Which profiles and keys a pipeline uses is read from its blocks without running them; where that
cannot be seen, nothing is said.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import ProjectError
from harness.project.blockfile import is_file
from harness.project.io_config import NAME, entries, profile_names
from harness.project.io_keys import MODULES
from harness.project.io_use import file_use
from harness.project.located import read_text
from harness.project.templates import unset_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.problem import Problem
    from harness.project.io_use import FileUse
    from harness.project.model import Block, Pipeline, Project


SECRETS_TABLE = "[tool.mage-harness.secrets]"


@dataclass(frozen=True, kw_only=True, order=True)
class UnsetVariable:
    """A variable that a pipeline's profile needs.

    Attributes:
        variable: The variable's name.
        profile: The profile.
        key: The key whose value asks for it.
        line: The key's line in io_config.yaml.
        block: A block that uses the key.
        secret: Whether it is one of Mage's secrets, and no variable of the environment.
    """

    variable: str
    profile: str
    key: str
    line: int
    block: str
    secret: bool = False


@dataclass(kw_only=True)
class _Use:
    """What one block uses of io_config.yaml."""

    profiles: set[str] = field(default_factory=set)
    families: set[str] = field(default_factory=set)
    text: str = ""


def unset_variables(
    project: Project,
    pipeline: Pipeline,
    *,
    overlaid: Mapping[str, str],
    environment: Iterable[str],
    secrets: Iterable[str] = (),
) -> list[UnsetVariable]:
    """Find the variables and secrets that a pipeline needs and that are not set.

    Args:
        project: The project.
        pipeline: The pipeline.
        overlaid: The keys of io_config.yaml that the harness replaces.
        environment: The names of the variables that are set for the run.
        secrets: The names of the secrets that are.

    Raises:
        ProjectError: io_config.yaml cannot be read.
    """
    file = project.path / NAME
    if not is_file(file):
        return []
    text = read_text(file, shown=Path(NAME))
    names = profile_names(text)
    known = {"env_var": frozenset(environment), "mage_secret_var": frozenset(secrets)}
    asked = [
        (entry, function, missing)
        for entry in entries(text, replaced=overlaid)
        for function, given in known.items()
        if (missing := unset_names(entry.text, given, function=function))
    ]
    found: dict[tuple[str, int], UnsetVariable] = {}
    for block in pipeline.blocks if asked else ():
        use = _use(project, pipeline, block, names)
        for entry, function, missing in asked:
            used = entry.family in use.families or re.search(
                rf"\b{re.escape(entry.key)}\b", use.text
            )
            if entry.profile in use.profiles and used:
                for name in missing:
                    found.setdefault(
                        (name, entry.line),
                        UnsetVariable(
                            variable=name,
                            profile=entry.profile,
                            key=entry.key,
                            line=entry.line,
                            block=block.uuid,
                            secret=function == "mage_secret_var",
                        ),
                    )
    return sorted(found.values(), key=lambda item: (item.line, item.variable))


def unset_error(
    pipeline: str, unset: list[UnsetVariable], *, also: Iterable[Problem] = ()
) -> ProjectError:
    """One error that names all of them.

    Args:
        pipeline: The pipeline's uuid.
        unset: What ``unset_variables`` found; not empty.
        also: What else a run would lack, so that all is told at once.
    """
    names = list(dict.fromkeys(item.variable for item in unset))
    secrets = {item.variable for item in unset if item.secret}
    variables = ", ".join(f"{name}=..." for name in names if name not in secrets)
    remedies = []
    if variables:
        remedies.append(
            "set them under [tool.mage-harness.env] in pyproject.toml, or in the env_file: "
            + variables
        )
    if secrets:
        values = ", ".join(f'{name} = "..."' for name in sorted(secrets))
        remedies.append(f"give secrets throw-away values under {SECRETS_TABLE}: {values}")
    return ProjectError(
        f"pipeline {pipeline} needs variables that are not set: {', '.join(names)}",
        cause='Mage renders an unset env_var or secret as the text "None" and goes on with it',
        evidence=[
            f"{NAME}:{item.line}: profile {item.profile}, {item.key} asks for {item.variable} "
            f"(block {item.block})"
            for item in unset
        ]
        + [f"also: {problem}" for problem in also],
        remedy="; ".join(remedies),
    )


def wanted_profiles(project: Project, pipelines: Iterable[Pipeline]) -> list[str]:
    """The profiles that blocks use, for a project without io_config.yaml; empty if none does."""
    blocks = [block for pipeline in pipelines for block in pipeline.blocks]
    wanted = {profile for block in blocks for profile in _of_sql(block).profiles}
    # All at once, so that a module which many blocks import is read once.
    for told, _ in _modules(project, dict.fromkeys(filter(None, map(_code, blocks)))):
        wanted |= {name for name in told.profiles if name is not None}
    return sorted(wanted)


def _use(project: Project, pipeline: Pipeline, block: Block, names: list[str]) -> _Use:
    use, code = _of_sql(block), _code(block)
    for told, text in _modules(project, [code] if code is not None else []):
        use.text += text
        use.families |= told.families
        use.profiles |= {name for name in told.profiles if name is not None}
        if None in told.profiles:
            # A name computed in the block: the profiles that the block spells out.
            use.profiles |= set(names) & (told.literals | {*map(str, pipeline.variables.values())})
    return use


def _code(block: Block) -> Path | None:
    return block.file if block.language == "python" else None


def _of_sql(block: Block) -> _Use:
    if block.language != "sql" or block.type == "dbt":
        return _Use()
    profile = block.configuration.get("data_provider_profile")
    provider = str(block.configuration.get("data_provider"))
    return _Use(
        profiles={profile} if isinstance(profile, str) and "{{" not in profile else set(),
        families=set(MODULES.get(provider, ())),
    )


def _modules(project: Project, files: Iterable[Path]) -> list[tuple[FileUse, str]]:
    """Blocks' files and the project's own modules that they import."""
    found: list[tuple[FileUse, str]] = []
    ahead = deque(files)
    seen = {*ahead}
    while ahead:
        path = project.within(ahead.popleft())
        try:
            text = read_text(path)
        except ProjectError:
            continue
        for told in file_use(path):
            found.append((told, text))
            for name in told.imported:
                for candidate in _files_of(project, name):
                    if candidate not in seen and is_file(project.within(candidate)):
                        seen.add(candidate)
                        ahead.append(candidate)
    return found


def _files_of(project: Project, module: str) -> list[Path]:
    parts = module.split(".")
    if parts[0] == project.name:
        parts = parts[1:]
    if not parts:
        return []
    path = Path(*parts)
    return [path.with_suffix(".py"), path / "__init__.py"]
