"""From the content of a pipeline's metadata.yaml to the model.

What Mage itself stops at while it loads a pipeline (``Pipeline.load_config``) is an error here;
what it loads and then runs wrongly is left to the lint.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.errors import ProjectError
from harness.project.blockfile import block_file
from harness.project.model import Block, Pipeline, Role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.project.located import Located

_LISTS: tuple[Role, ...] = ("blocks", "callbacks", "conditionals", "widgets")


def read_pipeline(
    located: Located, *, root: Path, uuid: str, metadata: Path, platform: bool
) -> Pipeline:
    """A pipeline from its metadata.yaml.

    Args:
        located: The content of the file.
        root: The project's folder.
        uuid: The pipeline's uuid.
        metadata: The file, relative to the project.
        platform: Whether the project is a platform of several.

    Raises:
        ProjectError: The content is not that of a pipeline; the message has the line.
    """
    return _Declaration(located, root=root, metadata=metadata, platform=platform).pipeline(uuid)


class _Declaration:
    def __init__(self, located: Located, *, root: Path, metadata: Path, platform: bool) -> None:
        self._located = located
        self._root = root
        self._metadata = metadata
        self._platform = platform

    def pipeline(self, uuid: str) -> Pipeline:
        data = self._located.data
        if data is None:
            raise ProjectError(
                f"{self._metadata} is empty",
                remedy="restore the file, or remove the pipeline's folder",
            )
        if not isinstance(data, dict):
            raise self._wrong((), "the file", data, "a mapping with type: and blocks:")
        lists: dict[Role, tuple[Block, ...]] = {
            role: self._blocks(data.get(role), (role,), role) for role in _LISTS
        }
        lists["extensions"] = self._extensions(data)
        blocks = _with_code_of_originals(lists["blocks"])
        return Pipeline(
            uuid=uuid,
            type=_text(data.get("type")) or "python",
            name=_text(data.get("name")) or uuid,
            folder=self._metadata.parent,
            metadata=self._metadata,
            blocks=tuple(
                replace(
                    block,
                    callback_blocks=_names_above(lists["callbacks"], block.uuid),
                    conditional_blocks=_names_above(lists["conditionals"], block.uuid),
                )
                for block in blocks
            ),
            callbacks=lists["callbacks"],
            conditionals=lists["conditionals"],
            widgets=lists["widgets"],
            extensions=lists["extensions"],
            variables=self._mapping(data.get("variables"), ("variables",)),
            executor_type=_text(data.get("executor_type")),
            execution_framework=_text(data.get("execution_framework")),
            lines={str(key): self._located.line(str(key)) for key in data},
        )

    def _extensions(self, data: dict[Any, Any]) -> tuple[Block, ...]:
        if "extensions" not in data:
            return ()
        content = data["extensions"]
        if not isinstance(content, dict):
            raise self._wrong(("extensions",), "extensions", content, "a mapping, or left out")
        found: list[Block] = []
        for name, extension in content.items():
            if isinstance(extension, dict):
                path = ("extensions", str(name), "blocks")
                found.extend(self._blocks(extension.get("blocks"), path, "extensions"))
        return tuple(found)

    def _blocks(self, content: Any, path: tuple[str, ...], role: Role) -> tuple[Block, ...]:
        if content is None:
            return ()
        if not isinstance(content, list):
            raise self._wrong(path, ".".join(path), content, "a list of blocks")
        return tuple(self._block(item, (*path, i), role) for i, item in enumerate(content))

    def _block(self, content: Any, path: tuple[str | int, ...], role: Role) -> Block:
        if not isinstance(content, dict):
            raise self._wrong(path, "a block", content, "a mapping with uuid: and type:")
        uuid = _text(content.get("uuid"))
        if not uuid:
            raise self._wrong(path, "a block's uuid", content.get("uuid"), "a name")
        kind = _text(content.get("type"))
        language = _text(content.get("language")) or "python"
        configuration = self._mapping(content.get("configuration"), (*path, "configuration"))
        return Block(
            uuid=uuid,
            name=_text(content.get("name")) or uuid,
            type=kind,
            language=language,
            file=block_file(
                self._root,
                uuid=uuid,
                kind=kind,
                language=language,
                configuration=configuration,
                platform=self._platform,
            ),
            upstream=self._names(content, path, "upstream_blocks"),
            downstream=self._names(content, path, "downstream_blocks"),
            configuration=configuration,
            retries=_retries(content.get("retry_config")),
            executor=_text(content.get("executor_type")),
            replicated=_text(content.get("replicated_block")),
            role=role,
            line=self._located.line(*path),
            lines=dict(self._lines(content, path)),
        )

    def _lines(
        self, content: dict[Any, Any], path: tuple[str | int, ...]
    ) -> Iterator[tuple[str, int]]:
        """Lines by key, and by ``key.name`` for the names below a key and in a list."""
        for key, value in content.items():
            yield str(key), self._located.line(*path, str(key))
            for place, name in _below(value):
                yield f"{key}.{name}", self._located.line(*path, str(key), place)

    def _names(
        self, content: dict[Any, Any], path: tuple[str | int, ...], key: str
    ) -> tuple[str, ...]:
        value = content.get(key, [])
        if not isinstance(value, list) or any(isinstance(item, list | dict) for item in value):
            uuid = content.get("uuid")
            raise self._wrong((*path, key), f"{key} of {uuid}", value, "a list of uuids, or []")
        return tuple(_text(item) for item in value)

    def _mapping(self, value: Any, path: tuple[str | int, ...]) -> dict[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self._wrong(path, str(path[-1]), value, "a mapping of names to values")
        return {str(key): item for key, item in value.items()}

    def _wrong(
        self, path: tuple[str | int, ...], what: str, found: Any, wanted: str
    ) -> ProjectError:
        shown = "nothing" if found is None else f"{type(found).__name__} {str(found)[:60]!r}"
        return ProjectError(
            f"{self._metadata}:{self._located.line(*path)}: {what} must be {wanted}",
            cause=f"found {shown}; Mage cannot load the pipeline so",
            remedy=f"write {wanted}",
        )


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, list | dict) else str(value)


def _names_above(addons: tuple[Block, ...], uuid: str) -> tuple[str, ...]:
    return tuple(addon.uuid for addon in addons if uuid in addon.upstream)


def _with_code_of_originals(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    by_uuid = {block.uuid: block for block in blocks}

    def original(block: Block) -> Block:
        seen = {block.uuid}
        while block.replicated in by_uuid and block.replicated not in seen:
            seen.add(block.replicated)
            block = by_uuid[block.replicated]
        return block

    return tuple(replace(block, file=original(block).file) for block in blocks)


def _below(value: Any) -> Iterator[tuple[str | int, Any]]:
    """What stands below a key: place and name."""
    if isinstance(value, list):
        yield from enumerate(value)
    elif isinstance(value, dict):
        yield from ((str(name), name) for name in value)


def _retries(config: Any) -> int:
    """How often Mage tries again; whatever it cannot count is none."""
    retries = config.get("retries") if isinstance(config, dict) else None
    return retries if isinstance(retries, int) else 0
