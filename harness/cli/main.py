"""The subcommands, and how errors become exit statuses."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from harness.cli.serving import plain_options, serve
from harness.errors import HarnessError

if TYPE_CHECKING:
    import typer

INTERRUPTED = 130


def run_command(arguments: list[str]) -> int:
    """Run a subcommand.

    Args:
        arguments: What stands behind the command's name.

    Returns:
        The exit status.

    Raises:
        KeyboardInterrupt: The user pressed Ctrl-C; what was started has been ended.
    """
    # The stub alone is to start at once, so that it does without what the others need.
    options = plain_options(arguments[1:]) if arguments[:1] == ["bigquery"] else None
    try:
        if options is None:
            return _run(arguments)
        serve(**options)
    except HarnessError as error:
        sys.stderr.write(f"mage-harness: {error}\n")
        return error.exit_status
    return 0


def _run(arguments: list[str]) -> int:
    import typer  # noqa: PLC0415

    try:
        status = app_of(*arguments[:1])(arguments, standalone_mode=False)
    except typer.TyperException as error:
        usage: Any = error
        usage.show()
        return int(usage.exit_code)
    if status == INTERRUPTED:
        raise KeyboardInterrupt
    return int(status or 0)


def app_of(command: str = "") -> typer.Typer:
    """The command with its subcommands.

    Args:
        command: The subcommand that is called: only its modules are imported. All subcommands are
            there where it is none of them, so that help and errors name each.
    """
    import typer  # noqa: PLC0415

    app = typer.Typer(
        name="mage-harness",
        help=(
            "Run Mage pipelines headlessly with the real `mage run`, against private, disposable "
            "services, and prove what was written.\n\n"
            "Exit statuses: 0 success, 1 a pipeline or a check failed, 2 bad usage or input, "
            "3 the environment is not able, 130 interrupted."
        ),
        epilog="Start with: mage-harness doctor, then mage-harness list, then mage-harness run.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    # Without it, an application of one subcommand would be that subcommand.
    app.callback()(_nothing)
    for name in [command] if command in _COMMANDS else _COMMANDS:
        found = _named(_COMMANDS[name])
        if isinstance(found, typer.Typer):
            app.add_typer(found)
        else:
            app.command(name, cls=_named(_PARSED_BY[name]) if name in _PARSED_BY else None)(found)
    return app


def _named(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def _nothing() -> None:
    pass


_COMMANDS = {
    "run": "harness.cli.run:run",
    "watch": "harness.cli.watch:watch",
    "up": "harness.cli.up:up",
    "ps": "harness.cli.kept:ps",
    "down": "harness.cli.kept:down",
    "open": "harness.cli.open:open_bundle",
    "record": "harness.cli.record:record",
    "drift": "harness.cli.drift:drift",
    "fixture": "harness.cli.fixture:fixture",
    "contract": "harness.cli.contract:app",
    "mutate": "harness.cli.mutate:mutate",
    "bisect": "harness.cli.bisect:bisect",
    "matrix": "harness.cli.matrix:matrix",
    "init": "harness.cli.init:init",
    "inspect": "harness.cli.inspect:inspect_pipelines",
    "list": "harness.cli.look:list_pipelines",
    "lint": "harness.cli.look:lint_project",
    "doctor": "harness.cli.doctor:doctor",
    "warm": "harness.cli.warm:app",
    "bench": "harness.cli.bench:bench",
    "bigquery": "harness.cli.bigquery:bigquery",
}
_PARSED_BY = {"up": "harness.cli.among:Among"}
