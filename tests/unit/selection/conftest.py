"""A project with two pipelines, one helper module and one file of data."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.settings import Settings

LOADER = """from {module} import {name}

@data_loader
def load(*args, **kwargs):
    return {name}()
"""


class Desk:
    """A project that a test writes to.

    Args:
        folder: Where it is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.project = folder / "shop"

    def write(self, file: str, text: str) -> None:
        """Write a file, relative to the project.

        Args:
            file: Its path.
            text: Its content.
        """
        path = self.project / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def pipeline(self, uuid: str, block: str) -> None:
        """Write a pipeline of one loader.

        Args:
            uuid: The pipeline's uuid.
            block: The loader's uuid.
        """
        self.write(
            f"pipelines/{uuid}/metadata.yaml",
            f"uuid: {uuid}\ntype: python\nblocks:\n- uuid: {block}\n  name: {block}\n"
            "  type: data_loader\n  language: python\n",
        )

    @property
    def settings(self) -> Settings:
        """Settings for it, with a cache of its own."""
        return Settings(
            project=self.project, fixtures=self.folder / "fixtures", cache=self.folder / "cache"
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """The project: ``orders`` imports ``utils.prices``, which imports ``utils.money``; ``other``
    imports nothing of the project."""
    desk = Desk(tmp_path)
    desk.write("metadata.yaml", "project_uuid: x\n")
    desk.write("io_config.yaml", "version: 0.1.1\ndefault: {}\n")
    desk.pipeline("orders", "load_orders")
    desk.pipeline("other", "load_other")
    desk.write("data_loaders/load_orders.py", LOADER.format(module="shop.utils.prices", name="p"))
    desk.write("data_loaders/load_other.py", LOADER.format(module="math", name="sqrt"))
    desk.write("utils/__init__.py", "")
    desk.write("utils/prices.py", "from . import money\n\ndef p():\n    return money.m()\n")
    desk.write("utils/money.py", "def m():\n    return 1\n")
    desk.write("utils/unused.py", "")
    desk.write("lookups/zones.csv", "zone\n1\n")
    return desk
