"""Conditions that were asked and callbacks that were called; Mage swallows what they raise."""

import functools
from typing import Any, Callable

from mage_harness_tap import events, place

Function = Callable[..., Any]


def watch(module: Any) -> None:
    """Watch ``mage_ai.data_preparation.models.block``."""
    conditional, callback = module.ConditionalBlock, module.CallbackBlock
    conditional.execute_conditional = _condition(conditional.execute_conditional)
    callback.execute_callback = _callback(callback.execute_callback)


def _condition(execute: Function) -> Function:
    @functools.wraps(execute)
    def watched(self: Any, parent_block: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            result = execute(self, parent_block, *args, **kwargs)
        except Exception as error:
            _failed("condition_error", self, parent_block, error)
            raise
        events.emit(
            "condition",
            block=parent_block.uuid,
            condition=self.uuid,
            result=bool(result),
            none=result is None,
        )
        return result

    return watched


def _callback(execute: Function) -> Function:
    @functools.wraps(execute)
    def watched(self: Any, callback: str, *args: Any, **kwargs: Any) -> Any:
        parent = kwargs.get("parent_block")
        try:
            result = execute(self, callback, *args, **kwargs)
        except Exception as error:
            _failed("callback_error", self, parent, error)
            raise
        events.emit("callback", block=self.uuid, parent=getattr(parent, "uuid", ""), when=callback)
        return result

    return watched


def _failed(event: str, addon: Any, parent: Any, error: Exception) -> None:
    events.emit(
        event,
        block=addon.uuid,
        parent=getattr(parent, "uuid", ""),
        error=type(error).__name__,
        message=place.words(error),
        line=place.of_error(error),
    )
