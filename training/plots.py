"""Plots: those of judgements, as SVG to stand in a page, and files for people; needs the extra ``report``."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from classifier.extras import needed
from classifier.files import writing
from training.judgements import Judgements
from training.metrics import N_BINS, bins_of

_INK, _SOFT, _ACCENT, _OTHER = "#1f2933", "#9aa5b1", "#0b6e6e", "#b4532a"
#: Fewer samples in a bin say nothing; they are drawn hollow.
_FEW = 10
# Fixed names inside the SVG: equal judgements give equal pages.
_STYLE: Any = {"svg.hashsalt": "asn-themes", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9}


def blank(width: float, height: float) -> Any:
    """Return an empty figure of so many inches; no window system is asked for.

    Raises
    ------
    ExtraMissingError
        If matplotlib is not installed.
    """
    return needed("matplotlib.figure", "report").Figure(figsize=(width, height), layout="constrained")


def save(figure: Any, path: Path) -> None:
    """Write a figure to a PNG or SVG file.

    Raises
    ------
    OutputFailedError
        If it can't be written.
    """
    with writing(path):
        figure.savefig(path)


def reliability(judgements: Judgements) -> str:
    """Plot, for each output, the share of positives against the score, in the bins of the calibration error."""

    def draw(axes: Any, k: int) -> None:
        scores, y = judgements.scores[:, k], judgements.Y[:, k]
        bins = bins_of(scores)
        axes.plot([0, 1], [0, 1], color=_SOFT, linewidth=0.8)
        for b in np.unique(bins):
            here = bins == b
            filled = _ACCENT if here.sum() >= _FEW else "white"
            axes.plot(scores[here].mean(), y[here].mean(), "o", color=_ACCENT, markerfacecolor=filled, markersize=5)
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="score", ylabel="share of positives")
        axes.set_xticks(np.arange(0, N_BINS + 1, 2) / N_BINS)

    return _small_multiples(judgements, draw)


def threshold_curves(judgements: Judgements) -> str:
    """Plot, for each output, precision, recall and F1 against the score from which the answer is yes."""

    def draw(axes: Any, k: int) -> None:
        scores, y = judgements.scores[:, k], judgements.Y[:, k]
        cuts = np.linspace(0.02, 0.98, 97)
        taken = scores >= cuts[:, None]
        hits, predicted = (taken & y).sum(axis=1), taken.sum(axis=1)
        precision = np.where(predicted > 0, hits / np.maximum(predicted, 1), np.nan)
        axes.plot(cuts, precision, color=_ACCENT, label="precision")
        axes.plot(cuts, hits / max(y.sum(), 1), color=_OTHER, label="recall")
        axes.plot(cuts, 2 * hits / np.maximum(predicted + y.sum(), 1), color=_INK, linewidth=1.6, label="F1")
        yes = scores[judgements.decisions[:, k]]
        if len(yes):
            axes.axvline(yes.min(), color=_SOFT, linestyle="--", linewidth=0.9)
        axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="yes from this score on")
        if k == 0:
            axes.legend(frameon=False, fontsize=8, loc="lower left")

    return _small_multiples(judgements, draw)


def _small_multiples(judgements: Judgements, draw: Callable[[Any, int], None]) -> str:
    n_columns = 3
    n_rows = -(-len(judgements.names) // n_columns)
    with needed("matplotlib", "report").rc_context(_STYLE):
        figure = blank(9, 2.7 * n_rows)
        grid = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
        for k, name in enumerate(judgements.names):
            draw(grid[k], k)
            grid[k].set_title(name, fontsize=10, color=_INK, loc="left")
            grid[k].spines[["top", "right"]].set_visible(False)
        for axes in grid[len(judgements.names) :]:
            axes.set_axis_off()
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    svg = buffer.getvalue()
    return svg[svg.index("<svg") :]
