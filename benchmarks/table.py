"""Shows what `mage-harness bench --json FILE` wrote as the table of docs/benchmarks.md.

python benchmarks/table.py FILE prints it; with --into PAGE, it takes the place of the page's.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
_HEAD = "| measured | against | value | reference | ratio | goal |"


def main() -> None:
    """Print the table, or put it into a page."""
    parser = argparse.ArgumentParser(description="Show figures of the bench as Markdown.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--into", type=Path, metavar="PAGE", help="the page whose table it becomes")
    options = parser.parse_args()
    text = markdown(json.loads(options.file.read_text("utf-8")))
    if options.into is None:
        print(text)
        return
    before, _, rest = options.into.read_text("utf-8").partition(BEGIN)
    if END not in rest:
        parser.error(f"{options.into} has no place between {BEGIN} and {END}")
    after = rest.partition(END)[2]
    options.into.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")


def markdown(facts: Mapping[str, Any]) -> str:
    """The machine, and a row for each comparison.

    Args:
        facts: What the bench wrote.
    """
    machine = ", ".join(f"{name}: {value}" for name, value in facts["machine"].items())
    rounds = facts["rounds"]
    return "\n".join(
        [
            f"{machine}. Medians of {rounds} round{'s' * (rounds != 1)} after one that is not",
            "counted; in brackets the least and the most.",
            "",
            _HEAD,
            "|" + "---|" * (_HEAD.count("|") - 1),
            *(_row(one) for one in facts["comparisons"]),
        ]
    )


def _row(one: Mapping[str, Any]) -> str:
    unit = one["unit"]
    cells = (
        one["name"],
        one["against"],
        _spread(one["value"], unit),
        _spread(one["reference"], unit),
        _spread(one["ratio"], ""),
        _goal(one),
    )
    return f"| {' | '.join(cells)} |"


def _spread(facts: Mapping[str, Any], unit: str) -> str:
    middle, least, most = (_number(facts[name], unit) for name in ("median", "least", "most"))
    return f"{middle}{' ' if unit else ''}{unit} ({least} to {most})"


def _number(value: float, unit: str) -> str:
    if unit == "MB":
        return f"{value:.0f}"
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}"  # noqa: PLR2004 - three digits


def _goal(one: Mapping[str, Any]) -> str:
    if one["met"] is None:
        return ""
    ratio = one["ratio_goal"]
    goal = f"{one['goal']} {one['unit']}" if ratio is None else f"ratio {ratio}"
    return f"{goal}, {'met' if one['met'] else 'missed'}"


if __name__ == "__main__":
    main()
