"""Packages that Mage's official image has, for projects whose blocks name them.

mage-ai asks for them by an extra only (``mage-ai[all]`` of 0.9.80), and few projects need them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.project.blockfile import is_file
from harness.project.dbt import profile_types
from harness.project.distributions import canonical

if TYPE_CHECKING:
    from collections.abc import Collection

    from harness.project.model import Project


@dataclass(frozen=True, kw_only=True)
class _Package:
    pinned: str
    named: re.Pattern[str]
    # Packages that ask for a version of their own.
    beside: frozenset[str] = frozenset()


_PACKAGES = {
    "boto3": _Package(
        pinned="boto3==1.26.60",
        named=re.compile(r"\bboto3\b|\bmage_ai\.io(?:\.|\s+import\s+)s3\b"),
        beside=frozenset(("aioboto3", "aiobotocore", "awswrangler", "botocore", "s3fs")),
    ),
    "mysql-connector-python": _Package(
        pinned="mysql-connector-python==9.0.0",
        named=re.compile(
            r"\bmysql\.connector\b|\bmage_ai\.io(?:\.|\s+import\s+)mysql\b|^mysql$", re.MULTILINE
        ),
        beside=frozenset(("mysql-connector",)),
    ),
    "duckdb": _Package(pinned="duckdb==1.4.3", named=re.compile(r"\bduckdb\b")),
}
# dbt with the adapters that the private services stand for; the image has those of others too.
_DBT = {
    "dbt-core": "dbt-core==1.10.20",
    "dbt-adapters": "dbt-adapters==1.22.5",
    "dbt-postgres": "dbt-postgres==1.10.0",
    "dbt-bigquery": "dbt-bigquery==1.10.3",
    "dbt-duckdb": "dbt-duckdb==1.10.1",
    "duckdb": "duckdb==1.4.3",
}
# What a version of the project's own goes with: a part of later ones is in no package index.
_ANY_DBT = "dbt-core<1.12"
_OPEN_DBT = re.compile(r"^\s*(dbt[\w.-]+)\s*(?:#.*)?$", re.MULTILINE | re.IGNORECASE)


def packages_of_image(project: Project, *, named: Collection[str], text: str = "") -> list[str]:
    """The requirements that a project's blocks ask for in their text.

    Args:
        project: The project.
        named: The packages of its requirements file, in small letters with hyphens.
        text: The text of that file.
    """
    # A resolver looks for minutes among all versions of what is named without one.
    versioned = set(named) - {canonical(name) for name in _OPEN_DBT.findall(text)}
    own_dbt = any(name.startswith("dbt-") for name in versioned)
    dbt = _dbt(project, named=named if own_dbt else versioned)
    wanted = {name: one for name, one in _PACKAGES.items() if name not in named}
    if not wanted:
        return dbt
    text = "\n".join(_texts(project))
    found = [
        name if one.beside & set(named) else one.pinned
        for name, one in wanted.items()
        if one.named.search(text)
    ]
    return list(dict.fromkeys([*found, *dbt]))


def _dbt(project: Project, *, named: Collection[str]) -> list[str]:
    blocks = [block for pipeline in project.pipelines for block in pipeline.all_blocks]
    if not any(block.type == "dbt" for block in blocks):
        return []
    if not any(name.startswith("dbt-") for name in named):
        return [line for name, line in _DBT.items() if name not in named]
    adapters = [f"dbt-{kind}" for kind in profile_types(project)]
    wanted = {"dbt-core": _ANY_DBT, **{name: name for name in adapters if name in _DBT}}
    return [line for name, line in wanted.items() if name not in named]


def _texts(project: Project) -> list[str]:
    blocks = [block for pipeline in project.pipelines for block in pipeline.all_blocks]
    files = {project.within(block.file) for block in blocks if block.file is not None}
    providers = [str(block.configuration.get("data_provider", "")) for block in blocks]
    # What cannot be read is told where it matters.
    read = [file.read_text("utf-8", "replace") for file in sorted(files) if is_file(file)]
    return [*providers, *read]
