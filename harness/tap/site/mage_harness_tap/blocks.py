"""Start, end, rows, tests and errors of each block, from Mage's own Block class."""

import functools
import inspect
import threading
import time
from typing import Any, Callable, Dict, List

from mage_harness_tap import (
    addons,
    arcs,
    block_logger,
    debugger,
    disk,
    events,
    interrupt,
    place,
    shape,
    turns,
)
from mage_harness_tap import variables as runtime_variables

Function = Callable[..., Any]

_running: Dict[int, str] = {}
_active: List[str] = []


def current() -> str:
    """The uuid of the block that this thread runs, or an empty string.

    A thread that a block started belongs to that block, as long as no other runs beside it.
    """
    uuid = _running.get(threading.get_ident(), "")
    if uuid:
        return uuid
    active = list(_active)
    return active[0] if len(active) == 1 else ""


def running() -> Dict[int, str]:
    """The uuid of the block that each thread runs, by the thread's ident."""
    return {ident: uuid for ident, uuid in _running.copy().items() if uuid}


def watch(module: Any) -> None:
    """Watch ``mage_ai.data_preparation.models.block``."""
    block = module.Block
    block.execute_sync = _execution(block.execute_sync)
    block.execute_block = _output(block.execute_block)
    block._validate_execution = _function(block._validate_execution)
    block.run_tests = _tests(block.run_tests)
    addons.watch(module)


def _execution(execute: Function) -> Function:
    def told(self: Any, *args: Any, **kwargs: Any) -> Any:
        thread = threading.get_ident()
        outer = _running.get(thread, "")
        _running[thread] = self.uuid
        _active.append(self.uuid)
        began = time.monotonic()
        events.emit(
            "block_start",
            block=self.uuid,
            type=str(getattr(self.type, "value", self.type)),
            child=kwargs.get("dynamic_block_index"),
        )
        try:
            result = execute(self, *args, **kwargs)
        except BaseException as error:
            seconds = time.monotonic() - began
            # First, so that nothing else is shown among what is typed.
            debugger.failed(self, error)
            _error(self, error, seconds)
            raise
        finally:
            _running[thread] = outer
            _active.remove(self.uuid)
        events.emit("block_end", block=self.uuid, seconds=time.monotonic() - began)
        interrupt.block_ended()
        return result

    @functools.wraps(execute)
    def watched(self: Any, *args: Any, **kwargs: Any) -> Any:
        with turns.taken(), disk.limited(self.uuid):
            return told(self, *args, **kwargs)

    return watched


def _error(block: Any, error: BaseException, seconds: float) -> None:
    events.emit(
        "block_error",
        block=block.uuid,
        error=type(error).__name__,
        message=place.words(error),
        line=place.of_error(error),
        seconds=seconds,
    )


def _output(execute_block: Function) -> Function:
    @functools.wraps(execute_block)
    def watched(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = execute_block(self, *args, **kwargs)
        values = result.get("output") if isinstance(result, dict) else None
        if isinstance(values, (list, tuple)):
            events.emit(
                "block_output", block=self.uuid, outputs=[shape.describe(value) for value in values]
            )
        return result

    return watched


def _function(validate: Function) -> Function:
    """The block's decorated function is what says None, a generator or a frame."""

    @functools.wraps(validate)
    def watched(self: Any, *args: Any, **kwargs: Any) -> Any:
        function = validate(self, *args, **kwargs)
        if function is None or inspect.isgeneratorfunction(function):
            if function is not None:
                _returned(self, function, "generator")
            return function

        named = _named_inputs(function)

        @functools.wraps(function)
        def called(*inputs: Any, **variables: Any) -> Any:
            events.emit(
                "block_input",
                block=self.uuid,
                inputs=[shape.describe(value) for value in inputs],
                named=named,
                unseen=runtime_variables.unseen(variables),
            )
            debugger.given(self, inputs)
            given = block_logger.with_logger(function, variables, block=self.uuid)
            value = function(*inputs, **given)
            _returned(self, function, shape.describe(value)["kind"], value)
            return value

        return called

    return watched


def _named_inputs(function: Function) -> int:
    """How many inputs the function asks for by name, rather than by ``*args``."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 0
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(parameter.kind in kinds for parameter in parameters)


def _returned(block: Any, function: Function, kind: str, value: Any = None) -> None:
    truth = value if isinstance(value, bool) else None
    events.emit(
        "block_returned",
        block=block.uuid,
        kind=kind,
        truth=truth,
        function=getattr(function, "__name__", type(function).__name__),
        line=place.of_function(function),
    )


def _tests(run_tests: Function) -> Function:
    @functools.wraps(run_tests)
    def watched(self: Any, *args: Any, **kwargs: Any) -> Any:
        collected = list(getattr(self, "test_functions", None) or [])
        failed = _Failed()
        arcs.begin()
        self.test_functions = [_test(self, function, failed) for function in collected]
        try:
            return run_tests(self, *args, **kwargs)
        except BaseException as error:
            if not failed.told:
                # Not a test of the author's: Mage could not read back what the block returned.
                _error(self, error, 0.0)
            raise
        finally:
            self.test_functions = collected

    return watched


class _Failed:
    """Whether a test of a block has failed and was told of."""

    told = False


def _test(block: Any, function: Function, failed: _Failed) -> Function:
    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        facts = {"block": block.uuid, "test": getattr(function, "__name__", "test")}
        thread = threading.get_ident()
        outer = _running.get(thread, "")
        _running[thread] = block.uuid
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            debugger.failed(block, error)
            line = place.of_error(error)
            message = place.words(error) or type(error).__name__
            events.emit("test", passed=False, line=line, message=message, **facts)
            failed.told = True
            raise
        finally:
            _running[thread] = outer
        kind = shape.describe(result)["kind"]
        passed = kind not in ("generator", "coroutine")
        message = "" if passed else "it is a %s, whose body never ran" % kind
        line = place.of_function(function)
        events.emit("test", passed=passed, line=line, message=message, **facts)
        if kind == "coroutine":
            result.close()
        return result

    return called
