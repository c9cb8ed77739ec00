"""``--junit``: the runs of a command in JUnit's XML."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.bundle.bundles import ENDING
from harness.cli.jsonfile import require_file, write_facts
from harness.report.junit_file import junit
from harness.report.model import RunReport

if TYPE_CHECKING:
    from harness.bundle.bundles import Bundles

JunitOption = Annotated[
    Path | None,
    typer.Option(
        "--junit",
        metavar="FILE",
        help="Write JUnit's XML, as Jenkins, GitLab and their like read it: a pipeline is a test "
        "suite and each block a test case; verdict, problems and rows are properties.",
    ),
]
_OPTION = "--junit"


def begin(file: Path | None) -> None:
    """Write a file without any test before the runs, so that an older one is not taken for it.

    Args:
        file: What ``--junit`` names; None for none.

    Raises:
        InputError: It is no file, or cannot be written.
        EnvironmentNotAbleError: There is no room.
    """
    require_file(file, option=_OPTION)
    write(file, RunReport())


def write(
    file: Path | None,
    report: RunReport,
    *,
    page: Path | None = None,
    bundles: Bundles | None = None,
) -> None:
    """Write the runs of a command.

    Args:
        file: What ``--junit`` names; None for none.
        report: The reports on them.
        page: What ``--report`` names.
        bundles: What made bundles of them.

    Raises:
        InputError: It cannot be written.
        EnvironmentNotAbleError: There is no room.
    """
    if file is None:
        return
    made = {one.name.removesuffix(ENDING): one for one in (bundles.made if bundles else ())}
    told = [] if page is None else [("mage_report", str(page.absolute()))]
    files = {
        one.uuid: [
            *told,
            *([("mage_bundle", str(made[one.uuid]))] if one.uuid in made else []),
        ]
        for one in report.pipelines
    }
    write_facts(file, junit(report.as_json(), files=files), option=_OPTION)
