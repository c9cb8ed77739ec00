"""Names in a SQL block's templates that stand for nothing: Mage puts nothing in their place."""

import functools
import importlib
from typing import Any

from mage_harness_tap import blocks, events
from mage_harness_tap.after_import import after_import


def watch() -> None:
    """Watch what Mage renders the text of blocks with."""
    after_import("mage_ai.data_preparation.models.block.content", _watch)


def _watch(module: Any) -> None:
    undefined: Any = importlib.import_module("jinja2").Undefined

    class Told(undefined):  # type: ignore[misc]
        """Rendered as ever; a ``default``, a test or an ``if`` does not render it."""

        def __str__(self) -> str:
            if self._undefined_name:
                events.emit("template_unset", block=blocks.current(), name=self._undefined_name)
            return str(super().__str__())

    module.Template = functools.partial(module.Template, undefined=Told)
