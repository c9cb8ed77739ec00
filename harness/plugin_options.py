"""The options of the pytest plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.coverage.options import add_options

if TYPE_CHECKING:
    import pytest


def add_all(parser: pytest.Parser) -> None:
    """Make the options known; each beats the setting of the same meaning in [tool.mage-harness].

    Args:
        parser: pytest's.
    """
    group = parser.getgroup("mage-harness", "Mage pipelines against private services")
    group.addoption("--mage-project", metavar="DIR", default=None, help="the Mage project's folder")
    group.addoption(
        "--provider", default=None, help="who provides the services: embedded (default) or docker"
    )
    group.addoption(
        "--deadline",
        metavar="SECONDS",
        type=float,
        default=None,
        help="end a pipeline's run after so long",
    )
    group.addoption(
        "--at",
        metavar="TIME",
        default=None,
        help="the time that pipelines and services have, such as 2021-02-01T05:00Z",
    )
    for service, example in (
        ("postgres", "postgresql://user:password@host:port/database"),
        ("gcs", "http://host:port"),
        ("bigquery", "http://host:port"),
    ):
        group.addoption(
            f"--{service}",
            metavar="URL",
            default=None,
            help=f"use a {service} that is there already, such as {example}",
        )
    group.addoption(
        "--real-google",
        metavar="PROJECT",
        default=None,
        help="use this real Google Cloud project: a throw-away bucket and dataset are made in it "
        "and removed at the end",
    )
    group.addoption(
        "--keep",
        action="store_true",
        help="after a failed test leave its services as they are, say how they are reached, and "
        "wait for Enter",
    )
    group.addoption(
        "--mage-report",
        metavar="FILE",
        default=None,
        help="write one HTML file of all runs: blocks, code, data, logs, and what each service was "
        "asked (docs/report.md)",
    )
    group.addoption(
        "--mage-report-against",
        metavar="FILE",
        default=None,
        help="with --mage-report: show the runs beside those of an earlier report",
    )
    group.addoption(
        "--mage-mutant",
        metavar="FILE",
        default=None,
        help="run pipelines with another text of a file; for `mage-harness mutate --tests`",
    )
    group.addoption(
        "--update-contracts",
        action="store_true",
        help="show what of a contract does not hold any more, and write it after a question",
    )
    group.addoption(
        "--contracts-yes",
        action="store_true",
        help="with --update-contracts: write without a question",
    )
    group.addoption(
        "--mage-bundle",
        metavar="FOLDER",
        default=None,
        help="for each run that fails, write an archive there that `mage-harness open` runs again",
    )
    add_options(group)
