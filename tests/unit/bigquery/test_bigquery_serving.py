"""The stub as a program: its command line, and what a start does without."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from harness.cli.bigquery import bigquery
from harness.cli.serving import plain_options, serve

MODULES = """
import sys, urllib.request
from harness.cli.main import run_command
from harness.bigquery import BigQueryServer
server = BigQueryServer()
server.start()
urllib.request.urlopen(f"{server.url}/bigquery/v2/projects/p/datasets").read()
heavy = ("typer", "rich", "pydantic", "cryptography", "sqlglot", "pyarrow", "numpy", "grpc")
print([name for name in heavy if name in sys.modules])
server.stop()
"""


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("", {}),
        ("--port 5", {"port": 5}),
        ("--port=5 --gcp-project a", {"port": 5, "gcp_project": "a"}),
        ("--host 127.0.0.2 --location EU", {"host": "127.0.0.2", "location": "EU"}),
        ("--gcs-endpoint http://a:1", {"gcs_endpoint": "http://a:1"}),
    ],
)
def test_a_plain_command_line(line, options):
    assert plain_options(line.split()) == options


@pytest.mark.parametrize("line", ["--help", "--port x", "--port", "--loc EU", "more", "--no 1"])
def test_help_and_what_is_refused_are_left_to_typer(line):
    assert plain_options(line.split()) is None


def test_both_command_lines_have_the_same_options_and_defaults():
    ways = [
        {one.name: one.default for one in inspect.signature(way).parameters.values()}
        for way in (bigquery, serve)
    ]
    assert ways[0] == ways[1]
    line = [word for name in ways[0] for word in (f"--{name.replace('_', '-')}", "1")]
    assert plain_options(line).keys() == ways[0].keys()


def test_a_start_and_the_first_answer_do_without_what_only_later_calls_need():
    done = subprocess.run(
        [sys.executable, "-c", MODULES], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr
