import sys
from pathlib import Path

import pytest

from classifier.errors import ExtraMissingError, OutputFailedError
from training import plots


def test_a_plot_without_matplotlib_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)

    with pytest.raises(ExtraMissingError, match=r"asn-themes\[report\]"):
        plots.blank(3, 2)


def test_a_plot_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    with pytest.raises(OutputFailedError, match=r"none/p\.png"):
        plots.save(plots.blank(3, 2), tmp_path / "none" / "p.png")
