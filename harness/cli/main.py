"""The command's entry: subcommands, and how it ends.

Exit statuses: 0 success; 1 a pipeline or a check failed; 2 bad usage or input; 3 the environment is
not able; 130 interrupted; 143 ended by SIGTERM.
"""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, NoReturn

import typer

from harness.cli.doctor import doctor
from harness.cli.look import lint_project, list_pipelines
from harness.cli.run import run
from harness.errors import HarnessError

if TYPE_CHECKING:
    from types import FrameType

INTERRUPTED = 130

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
app.command("list")(list_pipelines)
app.command("lint")(lint_project)
app.command("doctor")(doctor)


def main() -> NoReturn:
    """Run the command and end the process with its exit status."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    try:
        app()
    except HarnessError as error:
        sys.stderr.write(f"mage-harness: {error}\n")
        sys.exit(error.exit_status)
    except KeyboardInterrupt:
        sys.stderr.write("mage-harness: interrupted; everything that it started has been ended\n")
        sys.exit(INTERRUPTED)
    sys.exit(0)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    """Leave by an exception, so that everything that was started is ended on the way out."""
    sys.exit(128 + number)
