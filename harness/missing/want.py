"""What the blocks of a pipeline ask for by name, seen in their source without running it."""

from __future__ import annotations

import ast
import sys
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from harness.fixture.fetching import urls_of
from harness.project.blockfile import is_file
from harness.project.located import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.model import Block, Pipeline, Project

Kind = Literal["package", "secret", "variable", "url"]
_SECRETS = ("get_secret_value", "get_secret_value_db_safe")
_TRIED = ("ImportError", "ModuleNotFoundError", "Exception", "BaseException", "")
_STANDARD = sys.stdlib_module_names | {"mage_ai"}


@dataclass(frozen=True, kw_only=True)
class Want:
    """One thing that a block asks for.

    Attributes:
        kind: What it is.
        name: Its name; in a URL ``{}`` for what is known only while the block runs.
        block: The block's uuid.
        file: The file, relative to the project.
        line: The line, counted from 1.
        whole: Whether a URL is given to a call as it stands, so that nothing is added to it.
    """

    kind: Kind
    name: str
    block: str
    file: str
    line: int
    whole: bool = False


def wants(project: Project, pipeline: Pipeline) -> list[Want]:
    """What the Python blocks of a pipeline ask for, in the order of the blocks.

    Left out is what the source does without: a variable with a default, an import that is tried.

    Args:
        project: The project.
        pipeline: The pipeline.
    """
    return [
        one
        for block in pipeline.blocks
        if block.language == "python" and block.file is not None
        for one in _of_block(project, block)
    ]


def _of_block(project: Project, block: Block) -> Iterator[Want]:
    file = block.file
    if file is None or not is_file(project.within(file)):
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(read_text(project.within(file)))
    except (SyntaxError, ValueError, RecursionError):
        return
    tried = _tried(tree)
    for node in ast.walk(tree):
        for kind, name in _named(node):
            if kind == "package" and (node in tried or _is_own(project, name)):
                continue
            line = getattr(node, "lineno", 1)
            yield Want(kind=kind, name=name, block=block.uuid, file=str(file), line=line)
    given = _given(tree)
    for node, url in urls_of(tree):
        yield Want(
            kind="url",
            name=url,
            block=block.uuid,
            file=str(file),
            line=node.lineno,
            whole=node in given,
        )


def _named(node: ast.AST) -> Iterator[tuple[Kind, str]]:
    match node:
        case ast.Import(names=names):
            for alias in names:
                yield "package", alias.name.partition(".")[0]
        case ast.ImportFrom(module=str(module), level=0):
            yield "package", module.partition(".")[0]
        case ast.Call(func=function, args=[ast.Constant(value=str(name))], keywords=[]):
            called = ast.unparse(function)
            if called.rpartition(".")[2] in _SECRETS:
                yield "secret", name
        case ast.Subscript(value=base, slice=ast.Constant(value=str(name)), ctx=ast.Load()):
            if ast.unparse(base) in ("os.environ", "environ"):
                yield "variable", name
        case _:
            pass


def _given(tree: ast.Module) -> set[ast.expr]:
    """The expressions that a call is given, by themselves or under a name."""
    found: set[ast.expr] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found |= {*node.args, *(word.value for word in node.keywords)}
    names = {one.id for one in found if isinstance(one, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id in names for target in node.targets
        ):
            found.add(node.value)
    return found


def _tried(tree: ast.Module) -> set[ast.AST]:
    """The imports that a block can do without."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Try) and any(
            name in _TRIED for one in node.handlers for name in _caught(one)
        ):
            found |= {inner for part in node.body for inner in ast.walk(part)}
    return found


def _caught(handler: ast.ExceptHandler) -> list[str]:
    if isinstance(handler.type, ast.Tuple):
        return [ast.unparse(one) for one in handler.type.elts]
    return [ast.unparse(handler.type) if handler.type else ""]


def _is_own(project: Project, name: str) -> bool:
    """Whether a module is of the standard library, Mage's, or the project's own."""
    if name in _STANDARD or name in (project.name, "default_repo"):
        return True
    places = (project.path, project.path.parent)
    return any((place / name).is_dir() or (place / f"{name}.py").is_file() for place in places)
