"""``kwargs['logger']``: a run by a trigger gives it to each block, a headless one does not."""

import importlib
import inspect
import logging
from typing import Any, Callable, Dict

_LOGGER = "logger"


def with_logger(
    function: Callable[..., Any], variables: Dict[str, Any], *, block: str
) -> Dict[str, Any]:
    """The variables that a block's function gets, with a logger where it takes one.

    Args:
        function: The function.
        variables: What Mage gives it.
        block: The block's uuid.
    """
    if _LOGGER in variables or not _takes_it(function):
        return variables
    kind = importlib.import_module("mage_ai.data_preparation.logging.logger").DictLogger
    logger = logging.getLogger(f"block.{block}")
    # As by a trigger; the level of all other loggers is WARNING, until some library changes that.
    logger.setLevel(logging.INFO)
    return {**variables, _LOGGER: kind(logger)}


def _takes_it(function: Callable[..., Any]) -> bool:
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
    kinds = {parameter.kind for parameter in parameters.values()}
    return _LOGGER in parameters or inspect.Parameter.VAR_KEYWORD in kinds
