"""The look of the benchmarks' pictures. Needs matplotlib, which only developers install."""

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from figures import percentile

BEHIND = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
INK, QUIET, FAINT = "#1f2933", "#7b8794", "#e4e7eb"
COLOURS = ("#9fb3c8", "#627d98", "#3e7cb1", "#2a9d8f", "#e9a23b", "#d1495b")


def axes_of(title: str, subtitle: str, rows: int) -> tuple[Any, Any]:
    """An empty picture with room for so many rows, and its axes."""
    matplotlib: Any = importlib.import_module("matplotlib")
    matplotlib.use("Agg")
    pyplot: Any = importlib.import_module("matplotlib.pyplot")
    pyplot.rcParams |= {"font.family": ["DejaVu Sans"], "text.color": INK, "svg.fonttype": "none"}
    height = 0.46 * rows + 1.5
    figure, axes = pyplot.subplots(figsize=(9, height))
    figure.subplots_adjust(left=0.19, right=0.96, top=1 - 0.95 / height, bottom=0.55 / height)
    figure.text(0.02, 1 - 0.32 / height, title, fontsize=13, fontweight="bold")
    figure.text(0.02, 1 - 0.6 / height, subtitle, fontsize=9, color=QUIET)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.tick_params(axis="both", length=0, labelsize=9, labelcolor=INK)
    axes.tick_params(axis="x", labelcolor=QUIET)
    axes.grid(axis="x", color=FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.set_ylim(rows - 0.4, -0.6)
    return figure, axes


def waterfall(stages: Mapping[str, Mapping[str, float]], title: str, subtitle: str, path: Path) -> None:
    """One bar for each stage, from the one before it to its median; a whisker to its 95th percentile."""
    ordered = sorted(stages.items(), key=lambda item: item[1]["p50"])
    figure, axes = axes_of(title, subtitle, len(ordered))
    longest = max(at["p95"] for _, at in ordered)
    axes.set_xlim(min(0.0, ordered[0][1]["p50"]), longest * 1.28)
    before = 0.0
    for row, (_, at) in enumerate(ordered):
        colour = COLOURS[row % len(COLOURS)]
        axes.barh(row, at["p50"] - before, left=before, color=colour, height=0.58)
        axes.barh(row, at["p95"] - at["p50"], left=at["p50"], color=colour, height=0.58, alpha=0.22)
        axes.plot([at["p95"]] * 2, [row - 0.29, row + 0.29], color=colour, linewidth=1.4)
        if row + 1 < len(ordered):
            axes.plot([at["p50"]] * 2, [row + 0.29, row + 0.71], color=QUIET, linewidth=0.8, linestyle=":")
        last = row + 1 == len(ordered)
        label = f"{at['p50']:.2f} s" + (f"   p95 {at['p95']:.2f} s" if last else "")
        axes.text(
            at["p95"] + longest * 0.012,
            row,
            label,
            va="center",
            fontsize=9,
            bbox=BEHIND,
            fontweight="bold" if last else None,
        )
        before = at["p50"]
    axes.set_yticks(range(len(ordered)), [name for name, _ in ordered])
    figure.savefig(path, dpi=160, facecolor="white")


def dots(rows: Sequence[tuple[str, Sequence[float]]], title: str, subtitle: str, path: Path) -> None:
    """Every measurement as a dot, the median as a stroke."""
    figure, axes = axes_of(title, subtitle, len(rows))
    everything = [value for _, values in rows for value in values]
    axes.set_xlim(0, max(everything, default=1.0) * 1.2)
    for row, (_, values) in enumerate(rows):
        if not values:
            continue
        median = percentile(values, 0.5)
        axes.scatter(values, [row] * len(values), s=46, color=COLOURS[2], alpha=0.45, linewidths=0)
        axes.plot([median] * 2, [row - 0.28, row + 0.28], color=COLOURS[5], linewidth=2.4)
        axes.text(
            max(values) + max(everything) * 0.02, row, f"median {median:.2f} s", va="center", fontsize=9, bbox=BEHIND
        )
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    figure.savefig(path, dpi=160, facecolor="white")
