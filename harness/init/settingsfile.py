"""The settings of a project in pyproject.toml: what is there stays, what is missing is added."""

from __future__ import annotations

import re
import tomllib
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from harness.errors import InputError
from harness.init.looking import UNSUPPORTED
from harness.init.questions import Question
from harness.init.values import THROW_AWAY, is_given, suggested, suggested_secret
from harness.inspect.clients.environment import BARE
from harness.inspect.following import REQUIRED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from harness.init.looking import Looked
    from harness.inspect.model import Use

NAME = "pyproject.toml"
# Keys of io_config.yaml that a run replaces, so that what they ask for need not be there.
_REPLACED = re.compile(r"POSTGRES_(?:DBNAME|USER|PASSWORD|HOST|PORT)|GOOGLE_SERVICE_ACC_KEY\w*")
# Those of services that start where a pipeline asks for them.
_REPLACED_BY = {
    "mysql": re.compile(r"MYSQL_(?:HOST|PORT|USER|PASSWORD)"),
    "s3": re.compile(r"AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|REGION)"),
}
_IMAGE = re.compile(r"mageai/mageai:v?(\d+\.\d+\.\d+)")
_MADE_BY = ("Dockerfile", "docker-compose.yml", "docker-compose.yaml", "compose.yaml")


def settings_text(
    file: Path,
    looked: Iterable[Looked],
    *,
    project: str,
    version: str | None,
    needs: Mapping[str, Iterable[str]],
) -> tuple[str, list[Question]]:
    """The text of pyproject.toml with the section that the project needs.

    Args:
        file: The file; it need not exist.
        looked: The pipelines.
        project: The project's folder, relative to the file.
        version: The version of Mage that the project's own image has, where it says so.
        needs: For a pipeline, those that must have run before it.

    Returns:
        The text, and questions about values that nothing suggests.

    Raises:
        InputError: The file that is there is not valid TOML.
    """
    try:
        before = file.read_text("utf-8") if file.exists() else ""
        document = tomlkit.parse(f"{before.rstrip()}\n\n" if before.strip() else "")
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise InputError(
            f"{file} is not valid TOML", cause=str(error), remedy="mend it first"
        ) from error
    if "tool" not in document:
        document["tool"] = tomlkit.table(is_super_table=True)
    tool = _table(document["tool"], "tool")
    section = _table(tool.setdefault("mage-harness", tomlkit.table()), "tool.mage-harness")
    section.setdefault("project", project)
    section.setdefault("fixtures", "fixtures")
    if version is not None:
        section.setdefault("mage_version", version)
    variables, secrets = wanted_variables(looked), _secrets(looked)
    _fill(section, "env", {name: suggested(name) or THROW_AWAY for name in variables})
    _fill(section, "secrets", {name: suggested_secret(name) for name in secrets})
    _fill(section, "needs", {name: list(those) for name, those in needs.items() if those})
    asked = [
        Question(
            pipeline="",
            what=f"{name} is {THROW_AWAY!r} under [tool.mage-harness.{kind}]: what do the blocks "
            "need of it?",
            place=use.place,
        )
        for kind, found in (("env", variables), ("secrets", secrets))
        for name, use in found.items()
        if _table(section[kind], kind).get(name) == THROW_AWAY
    ]
    text = f"{tomlkit.dumps(document).rstrip()}\n"
    return (before if tomllib.loads(text) == tomllib.loads(before) else text), asked


def image_version(*folders: Path) -> str | None:
    """The version of Mage that a Dockerfile or compose file names.

    Args:
        folders: Where to look, the first one first.
    """
    for folder in folders:
        for name in _MADE_BY:
            try:
                found = _IMAGE.search((folder / name).read_text("utf-8", "replace"))
            except OSError:
                continue
            if found:
                return found[1]
    return None


def wanted_variables(looked: Iterable[Looked]) -> dict[str, Use]:
    """The variables of the environment that a block fails without, each with where it is read.

    Args:
        looked: The pipelines.
    """
    found: dict[str, Use] = {}
    for one in looked:
        uses = one.inspection.of("environment")
        own = {use.name for use in uses if use.access == "writes"}
        for use in uses:
            profile = use.client == "io_config.yaml" and not _is_replaced(use, one)
            wanted = profile or use.detail in (REQUIRED, BARE)
            ok = one.pipeline.type not in UNSUPPORTED and not use.pattern
            if wanted and ok and use.name not in own and not is_given(use.name):
                found.setdefault(use.name, use)
    return found


def _secrets(looked: Iterable[Looked]) -> dict[str, Use]:
    return {
        use.name: use
        for one in looked
        for use in one.inspection.of("secret")
        if use.detail != "key file" and not use.pattern and not _is_replaced(use, one)
    }


def _is_replaced(use: Use, one: Looked) -> bool:
    """Whether what a key of io_config.yaml asks for need not be there."""
    further = [_REPLACED_BY[name] for name in one.inspection.services if name in _REPLACED_BY]
    return any(keys.fullmatch(use.detail) for keys in (_REPLACED, *further))


def _fill(section: MutableMapping[str, Any], name: str, values: Mapping[str, object]) -> None:
    if not values:
        return
    table = _table(section.setdefault(name, tomlkit.table()), name)
    for key, value in values.items():
        table.setdefault(key, value)


def _table(item: object, name: str) -> MutableMapping[str, Any]:
    if not isinstance(item, MutableMapping):
        raise InputError(
            f"{name} is no table", remedy="write it as a table, such as [tool.mage-harness]"
        )
    return item
