"""The subcommands, and how errors become exit statuses."""

from __future__ import annotations

import sys
from typing import Any

import typer

from harness.errors import HarnessError

INTERRUPTED = 130


def _app(command: str) -> typer.Typer:
    """All subcommands; the stub alone where it is asked for, so that it starts at once."""
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
    if command != "bigquery":
        from harness.cli.doctor import doctor  # noqa: PLC0415
        from harness.cli.drift import drift  # noqa: PLC0415
        from harness.cli.look import lint_project, list_pipelines  # noqa: PLC0415
        from harness.cli.record import record  # noqa: PLC0415
        from harness.cli.run import run  # noqa: PLC0415

        app.command("run")(run)
        app.command("record")(record)
        app.command("drift")(drift)
        app.command("list")(list_pipelines)
        app.command("lint")(lint_project)
        app.command("doctor")(doctor)
    from harness.cli.bigquery import bigquery  # noqa: PLC0415

    app.command("bigquery")(bigquery)
    # Without it, a single subcommand would be no subcommand.
    app.callback()(lambda: None)
    return app


def run_command(arguments: list[str]) -> int:
    """Run a subcommand.

    Args:
        arguments: What stands behind the command's name.

    Returns:
        The exit status.

    Raises:
        KeyboardInterrupt: The user pressed Ctrl-C; what was started has been ended.
    """
    try:
        status = _app(*arguments[:1] or [""])(arguments, standalone_mode=False)
    except HarnessError as error:
        sys.stderr.write(f"mage-harness: {error}\n")
        return error.exit_status
    except typer.TyperException as error:
        usage: Any = error
        usage.show()
        return int(usage.exit_code)
    if status == INTERRUPTED:
        raise KeyboardInterrupt
    return int(status or 0)
