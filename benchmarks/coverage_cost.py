"""Measures what coverage costs a run: python benchmarks/coverage_cost.py."""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from arguments import at_least_one
from rich.console import Console
from rich.table import Table

from harness.bench.machine import describe
from harness.bench.samples import Comparison, rounds
from harness.running.asked import Asked
from harness.running.session import Session
from harness.services.stack import Stack
from harness.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bench.samples import Task

ROUNDS = 5
BLOCK = """\
import json.encoder

def own(number):
    if number % 3:
        number += 1
    return number

@custom
def {name}(*args, **kwargs):
    {body}
"""
# A million lines of the block's own, and half a million calls of a library in Python.
BODIES = {
    "own_lines": "for number in range(200_000):\n        own(number)",
    "calls_of_others": "list(json.encoder._make_iterencode(None, None, json.encoder."
    "py_encode_basestring, None, float.__repr__, ':', ',', False, False, False)"
    "([[]] * 250_000, 0))",
}


def main() -> None:
    """Measure, print a table and write the facts."""
    parser = argparse.ArgumentParser(description="Measure what coverage costs a run.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all values as JSON")
    parser.add_argument("--rounds", type=at_least_one, default=ROUNDS, metavar="N")
    options = parser.parse_args()
    notes, console, began = Console(stderr=True), Console(width=110), time.monotonic()
    settings = load_settings(start=Path(__file__).parent)
    found: list[Comparison] = []
    with tempfile.TemporaryDirectory() as folder, Stack(settings) as stack:
        project = made(Path(folder) / "loops")
        loops = settings.model_copy(
            update={"project": project, "requirements": settings.project / "requirements.txt"}
        )
        for chosen, pipeline in ((settings, "api_to_postgres"), *((loops, one) for one in BODIES)):
            session = Session(chosen, stack=stack)
            values = rounds(
                [task(session, pipeline, coverage=coverage) for coverage in (True, False)],
                count=options.rounds,
                progress=lambda line: notes.print(f"{time.monotonic() - began:6.0f} s  {line}"),
                doing=pipeline,
            )
            found += [
                Comparison(
                    name=f"{pipeline}: {what}",
                    against="the same without coverage",
                    values=values[f"{what} True"],
                    references=values[f"{what} False"],
                )
                for what in ("Mage's process", "its blocks")
            ]
    if options.json is not None:
        machine = describe(mage=settings.mage_version)
        facts = {"machine": machine, "found": [one.facts() for one in found]}
        options.json.write_text(json.dumps(facts, indent=2) + "\n")
    console.print(table(found))


def made(project: Path) -> Path:
    """A project with a pipeline of one block for each body."""
    for name, body in BODIES.items():
        files = {
            f"custom/{name}.py": BLOCK.format(name=name, body=body),
            f"pipelines/{name}/metadata.yaml": f"type: python\nblocks:\n- name: {name}\n  uuid: "
            f"{name}\n  type: custom\n  language: python\n  upstream_blocks: []\n"
            "  downstream_blocks: []\n",
        }
        for file, text in files.items():
            (project / file).parent.mkdir(parents=True, exist_ok=True)
            (project / file).write_text(text)
    (project / "metadata.yaml").write_text("project_type: standalone\n")
    return project


def task(session: Session, pipeline: str, *, coverage: bool) -> Task:
    """A run, with coverage or without."""

    def run() -> Mapping[str, float]:
        session.reset()
        done = session.run(pipeline, asked=Asked(coverage=coverage))
        done.require_success()
        blocks = sum(block.seconds or 0.0 for block in done.blocks)
        return {f"Mage's process {coverage}": done.seconds, f"its blocks {coverage}": blocks}

    return run


def table(found: list[Comparison]) -> Table:
    """The comparisons, for a reader."""
    shown = Table("measured", "with", "without", "ratio")
    for one in found:
        facts = one.facts()
        value, other, ratio = (facts[name] for name in ("value", "reference", "ratio"))
        shown.add_row(
            one.name,
            f"{value['median']:.2f} s",
            f"{other['median']:.2f} s",
            f"{ratio['median']:.2f} ({ratio['least']:.2f} to {ratio['most']:.2f})",
        )
    return shown


if __name__ == "__main__":
    main()
