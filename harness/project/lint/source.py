"""What is wrong with a block's code, seen in its syntax tree."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from harness.errors import ProjectError
from harness.problem import Problem
from harness.project.blockfile import is_file
from harness.project.lint.schedule import NEVER_RUN
from harness.project.located import read_text
from harness.project.source import Decorated, Source, read_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.model import Block, Pipeline, Project

# CUSTOM_EXECUTION_BLOCK_TYPES of data_preparation/models/constants.py, without those whose code is
# not a decorated Python function.
_DECORATED = frozenset(
    {"custom", "data_exporter", "data_loader", "extension", "sensor", "transformer"}
)
_ADDONS = {"callbacks": "callback", "conditionals": "condition"}
_ENDINGS = frozenset({"exit", "quit", "sys.exit", "os._exit", "os.abort"})
_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def source_problems(project: Project, pipeline: Pipeline, block: Block) -> Iterator[Problem]:
    """Find what is wrong with a block's file."""
    if block.file is None:
        return
    at = partial(Problem, pipeline=pipeline.uuid, block=block.uuid, file=str(block.file))
    path = project.within(block.file)
    if not is_file(path):
        yield _missing(pipeline, block)
        return
    try:
        text = read_text(path, shown=block.file)
    except ProjectError as error:
        cause = f": {error.cause}" if error.cause else ""
        yield at(code="file-unreadable", message=f"{error.symptom}{cause}. {error.remedy}.")
        return
    if block.language != "python" or block.type in NEVER_RUN:
        return
    source = read_source(text, kind=block.type)
    if source.tree is None:
        yield at(
            code="syntax-error",
            line=source.error_line,
            message=f"the file is not valid Python: {source.error}. Mage stops at this block "
            "without naming its file. Mend that line.",
        )
        return
    if block.type in _DECORATED:
        yield from _decorators(block, source, at)
        yield from _tests(source, at)
    yield from _addon(block, text, at)
    yield from _endings(source, at)


def _missing(pipeline: Pipeline, block: Block) -> Problem:
    effect = (
        "Mage takes it for an empty block and stops because nothing is decorated"
        if block.language == "python"
        else "Mage takes it for an empty block, runs nothing and says that it completed"
    )
    return Problem(
        code="file-missing",
        message=f"there is no file {block.file}; {effect}. Add the file, or mend the block's uuid, "
        "type, language or file_path.",
        pipeline=pipeline.uuid,
        block=block.uuid,
        file=str(pipeline.metadata),
        line=block.line_of("uuid"),
    )


def _addon(block: Block, text: str, at: partial[Problem]) -> Iterator[Problem]:
    """Mage goes on without a word where the file of a condition or a callback has none."""
    decorator = _ADDONS.get(block.role)
    if decorator is None:
        return
    source = read_source(text, kind=decorator)
    if not source.collected(decorator):
        meant = [found for found in source.decorated if found.decorator == decorator]
        effect = "its block runs in any case" if decorator == "condition" else "it does nothing"
        yield at(
            code="decorator-missing",
            line=meant[0].line if meant else 1,
            message=f"no function is decorated with Mage's own @{decorator}"
            f"{_why(meant[0]) if meant else ''}, so {effect}, without a word. Decorate a function "
            f"with @{decorator}, imported only under `if '{decorator}' not in globals():`.",
        )


def _decorators(block: Block, source: Source, at: partial[Problem]) -> Iterator[Problem]:
    meant = [found for found in source.decorated if found.decorator == block.type]
    if "data_integration_" in source.text:
        return
    collected = source.collected(block.type)
    if not collected:
        line, why = (meant[0].line, _why(meant[0])) if meant else (1, "")
        yield at(
            code="decorator-missing",
            line=line,
            message=f"no function is decorated with Mage's own @{block.type}{why}; Mage stops with "
            f"'does not have any decorated functions'. Decorate the block's function with "
            f"@{block.type}, and import the decorator only under `if '{block.type}' not in "
            "globals():`.",
        )
        return
    first, *others = collected
    for other in others:
        yield at(
            code="decorator-repeated",
            line=other.line,
            message=f"{other.node.name} is a second function with @{block.type}; Mage runs the "
            f"first one only, {first.node.name}, without a word. Keep one decorated function.",
        )
    yield from _function(block, first, at)


def _function(block: Block, found: Decorated, at: partial[Problem]) -> Iterator[Problem]:
    node = found.node
    own = list(_own_nodes(node))
    yields = [part for part in own if isinstance(part, ast.Yield | ast.YieldFrom)]
    if yields and isinstance(node, ast.FunctionDef):
        yield at(
            code="output-generator",
            line=yields[0].lineno,
            message=f"{node.name} is a generator; the next block gets the text "
            "'builtins.generator' instead of its data. Return a DataFrame or a list.",
        )
    if isinstance(node, ast.AsyncFunctionDef):
        yield at(
            code="output-coroutine",
            line=node.lineno,
            message=f"{node.name} is `async`; Mage never awaits it, so its body does not run. "
            "Make it a plain function that calls asyncio.run().",
        )
    yield from _signature(block, node, at)


def _signature(
    block: Block, node: ast.FunctionDef | ast.AsyncFunctionDef, at: partial[Problem]
) -> Iterator[Problem]:
    """``Block._validate_execution``, which counts arguments with defaults too."""
    given = len(block.upstream)
    named = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    needs_exactly = not (node.args.vararg or node.args.kwarg)
    if block.type == "sensor":
        return
    if len(named) > given:
        yield at(
            code="signature-mismatch",
            line=node.lineno,
            message=f"{node.name} has {len(named)} arguments and the block has {given} upstream "
            "blocks; Mage stops with 'may be missing upstream dependencies', defaults or not. Add "
            "the upstream block, or take values from **kwargs.",
        )
    elif len(named) < given and (needs_exactly or not node.args.vararg):
        yield at(
            code="signature-mismatch",
            line=node.lineno,
            message=f"{node.name} takes {len(named)} arguments and the block has {given} upstream "
            "blocks; Mage stops, since each upstream block gives one. Add arguments, or *args.",
        )


def _tests(source: Source, at: partial[Problem]) -> Iterator[Problem]:
    for found in source.tests():
        if found.origin != "collecting":
            yield at(
                code="test-not-collected",
                line=found.line,
                message=f"{found.node.name} is never run as a test{_why(found)}; Mage says nothing "
                "of it, even with --test. Import `test` only under `if 'test' not in globals():`, "
                "and give no function or variable that name.",
            )


def _why(found: Decorated) -> str:
    name = found.decorator
    return {
        "inert": f": @{name} is the empty one of mage_ai.data_preparation.decorators here",
        "function": f": {name} is the name of a function of this file by then",
        "other": f": {name} stands for something else by then",
    }.get(found.origin, "")


def _endings(source: Source, at: partial[Problem]) -> Iterator[Problem]:
    nodes = ast.walk(source.tree) if source.tree is not None else ()
    for node in nodes:
        if isinstance(node, ast.Call) and (name := ast.unparse(node.func)) in _ENDINGS:
            yield at(
                code="block-ends-process",
                line=node.lineno,
                message=f"{name}() ends the whole run in this block; the blocks behind it do not "
                "run, and the exit status may still be 0. Raise an error, or return.",
            )
        if isinstance(node, ast.Raise) and node.exc is not None:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if isinstance(raised, ast.Name) and raised.id == "SystemExit":
                yield at(
                    code="block-ends-process",
                    line=node.lineno,
                    message="SystemExit ends the whole run in this block, perhaps with exit status "
                    "0. Raise another error, or return.",
                )
            if isinstance(raised, ast.Name) and raised.id == "StopIteration":
                yield at(
                    code="block-hangs",
                    line=node.lineno,
                    message="a StopIteration that leaves a block makes `mage run` hang for ever. "
                    "Raise another error.",
                )


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function's body, without those of functions inside it."""
    ahead = list(ast.iter_child_nodes(function))
    while ahead:
        node = ahead.pop(0)
        if not isinstance(node, _NESTED):
            yield node
            ahead = [*ast.iter_child_nodes(node), *ahead]
