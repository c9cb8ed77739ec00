"""A prompt of DuckDB, with a view on each output of a block."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from harness.errors import InputError
from harness.running.outputs import output_files, output_names, read_output

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import duckdb

_PROMPT, _MORE = "duckdb> ", "   ...> "
_QUIT = frozenset({".exit", ".quit", "exit", "quit"})


def with_views(outputs: Mapping[str, Path], *, stdin: TextIO, stdout: TextIO) -> None:
    """Answer statements until the input ends; each ends with a semicolon at the end of a line.

    Args:
        outputs: For each block, the folder with its outputs as Mage keeps them. The view of the
            first output is named after the block, of a further one with its number.
        stdin: Where statements come from: a terminal, or a script.
        stdout: Where results go.
    """
    import duckdb  # noqa: PLC0415 - other commands do without

    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        for name in made(connection, outputs):
            print(f"view {name}", file=stdout)
        print("statements end with ; and .quit ends it", file=stdout, flush=True)
        for statement in _statements(stdin, stdout):
            _answer(connection, statement, stdout)


def made(connection: duckdb.DuckDBPyConnection, outputs: Mapping[str, Path]) -> Iterator[str]:
    """Make a view for each output that is a table.

    Args:
        connection: DuckDB.
        outputs: For each block, the folder with its outputs.

    Yields:
        Each view's name, as SQL has it.
    """
    for uuid, folder in outputs.items():
        count = len(output_names(folder.parent, folder.name))
        for index in range(count):
            name = f"{uuid}_{index}" if index else uuid
            files = output_files(folder.parent, folder.name, index)
            if files:
                connection.read_parquet([str(file) for file in files]).create_view(name)
            else:
                try:
                    table = read_output(folder.parent, folder.name, index)
                except InputError:
                    continue
                connection.register(name, table)
            yield '"{}"'.format(name.replace('"', '""'))


def _statements(stdin: TextIO, stdout: TextIO) -> Iterator[str]:
    lines: list[str] = []
    while True:
        try:
            line = _line(stdin, stdout, _MORE if lines else _PROMPT)
        except KeyboardInterrupt:
            # As psql does: the statement that was begun is forgotten.
            print(file=stdout)
            lines.clear()
            continue
        if line is None or (not lines and line.strip() in _QUIT):
            return
        if lines or line.strip():
            lines.append(line)
        if line.rstrip().endswith(";"):
            yield "\n".join(lines)
            lines.clear()


def _line(stdin: TextIO, stdout: TextIO, prompt: str) -> str | None:
    """The next line; None at the end."""
    if stdin.isatty():
        import readline  # noqa: F401, PLC0415 - what `input` edits lines by

        try:
            return input(prompt)
        except EOFError:
            print(file=stdout)
            return None
    line = stdin.readline()
    return line.rstrip("\n") if line else None


def _answer(connection: duckdb.DuckDBPyConnection, statement: str, stdout: TextIO) -> None:
    import duckdb  # noqa: PLC0415

    try:
        found = connection.sql(statement)
        if found is not None:
            print(found, file=stdout, flush=True)
    except duckdb.Error as error:
        print(f"{type(error).__name__}: {error}", file=stdout, flush=True)
