"""A plot of each axis: seconds and megabytes by size, on a light ground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from growth_series import MEGABYTES, SECONDS, unit_of
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

if TYPE_CHECKING:
    from pathlib import Path

    from growth_series import Series

# A light ground of its own, so that it can be read on a dark page too; text stays text.
_STYLE: dict[str, Any] = {
    "figure.facecolor": "#fafafa",
    "axes.facecolor": "#ffffff",
    "axes.edgecolor": "#555555",
    "font.size": 9,
    "svg.fonttype": "none",
    "svg.hashsalt": "mage-harness",
}
_MARKERS = "osD^vP*X"


def draw(axis: str, series: Series, file: Path) -> None:
    """Draw a plot.

    Args:
        axis: What grows.
        series: The figures.
        file: Where to: an SVG.
    """
    units = [unit for unit in (SECONDS, MEGABYTES) if _of(series, unit)]
    with rc_context(_STYLE):
        figure = Figure(figsize=(5.2 * len(units), 4.6), layout="constrained")
        for place, unit in enumerate(units, start=1):
            _draw(figure.add_subplot(1, len(units), place), axis, series, unit)
        figure.savefig(file, metadata={"Date": None, "Creator": None})


def _of(series: Series, unit: str) -> list[str]:
    return [name for name in series.values if unit_of(name) == unit]


def _draw(plot: Any, axis: str, series: Series, unit: str) -> None:
    names = _of(series, unit)
    for name, marker in zip(names, _MARKERS, strict=False):
        medians = series.medians(name)
        label = name.removesuffix(f", {unit}").replace("`", "")
        plot.plot(medians.keys(), medians.values(), marker=marker, markersize=4, label=label)
    sizes = sorted({size for name in names for size in series.values[name]})
    plot.set(xscale="log", xlabel=axis, ylabel=unit)
    plot.set_xticks(sizes, [f"{size:,}" for size in sizes])
    plot.set_xticks([], minor=True)
    if unit == SECONDS:
        plot.set_yscale("log")
        plot.yaxis.set_major_formatter("{x:g}")
        plot.yaxis.set_minor_formatter(NullFormatter())
    else:
        plot.set_ylim(0, 1.1 * max(max(series.medians(name).values()) for name in names))
    plot.grid(visible=True, color="#dddddd")
    plot.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.14), frameon=False)
