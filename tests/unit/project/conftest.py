from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOADER = "@data_loader\ndef load(*args, **kwargs):\n    return 1\n"
TRANSFORMER = "@transformer\ndef change(data, *args, **kwargs):\n    return data\n"
CODE = {"data_loader": LOADER, "transformer": TRANSFORMER}


@dataclass
class Maker:
    """Writes a small Mage project."""

    path: Path
    written: dict[str, str] = field(default_factory=dict)

    def file(self, name: str, text: str | bytes) -> Path:
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode() if isinstance(text, str) else text)
        return target

    def pipeline(self, uuid: str, *blocks: dict[str, Any], **more: Any) -> None:
        content = {"name": uuid, "type": "python", "blocks": list(blocks), **more}
        target = self.path / "pipelines" / uuid / "metadata.yaml"
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w") as stream:
            YAML(typ="safe").dump(content, stream)

    def block(
        self, uuid: str, *, up: tuple[str, ...] = (), down: tuple[str, ...] = (), **more: Any
    ) -> dict[str, Any]:
        kind = more.pop("type", "data_loader" if not up else "transformer")
        language = more.pop("language", "python")
        code = more.pop("code", CODE.get(kind, ""))
        folder = kind if kind == "custom" else f"{kind}s"
        extension = {"python": "py", "markdown": "md"}.get(language, language)
        if code is not None:
            self.file(f"{folder}/{uuid}.{extension}", code)
        return {
            "uuid": uuid,
            "type": kind,
            "language": language,
            "upstream_blocks": list(up),
            "downstream_blocks": list(down),
            **more,
        }


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    root = tmp_path / "demo"
    (root / "pipelines").mkdir(parents=True)
    (root / "metadata.yaml").write_text("project_type: standalone\n")
    return Maker(root)


@pytest.fixture
def tree_state() -> Callable[[Path], dict[str, tuple[int, int, str]]]:
    """Every file and folder with its mode, modification time and content."""

    def state(root: Path) -> dict[str, tuple[int, int, str]]:
        return {
            str(path.relative_to(root)): (
                path.lstat().st_mode,
                path.lstat().st_mtime_ns,
                hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
            )
            for path in [root, *sorted(root.rglob("*"))]
        }

    return state
