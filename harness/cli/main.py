"""The subcommands, and how errors become exit statuses."""

from __future__ import annotations

import sys
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
        status = _app()(arguments, standalone_mode=False)
    except typer.TyperException as error:
        usage: Any = error
        usage.show()
        return int(usage.exit_code)
    if status == INTERRUPTED:
        raise KeyboardInterrupt
    return int(status or 0)


def _app() -> typer.Typer:
    import typer  # noqa: PLC0415

    from harness.cli.bigquery import bigquery  # noqa: PLC0415
    from harness.cli.contract import app as contract  # noqa: PLC0415
    from harness.cli.doctor import doctor  # noqa: PLC0415
    from harness.cli.drift import drift  # noqa: PLC0415
    from harness.cli.fixture import fixture  # noqa: PLC0415
    from harness.cli.inspect import inspect_pipelines  # noqa: PLC0415
    from harness.cli.look import lint_project, list_pipelines  # noqa: PLC0415
    from harness.cli.mutate import mutate  # noqa: PLC0415
    from harness.cli.record import record  # noqa: PLC0415
    from harness.cli.run import run  # noqa: PLC0415

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
    app.command("run")(run)
    app.command("record")(record)
    app.command("drift")(drift)
    app.command("fixture")(fixture)
    app.add_typer(contract)
    app.command("mutate")(mutate)
    app.command("inspect")(inspect_pipelines)
    app.command("list")(list_pipelines)
    app.command("lint")(lint_project)
    app.command("doctor")(doctor)
    app.command("bigquery")(bigquery)
    return app
