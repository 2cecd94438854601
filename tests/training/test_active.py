"""The short version of `make active`."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import active
from benchmarks.active import FEW, SCENARIOS, Scenario, curve, draw, labels_needed, rows, share_needed

pytestmark = pytest.mark.usefixtures("few_resamples")
BUDGETS = np.arange(5) * 100.0


@pytest.fixture
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(active, "N_RESAMPLES", 50)


def test_the_labels_needed_are_read_off_between_two_rounds() -> None:
    random = np.array([0.2, 0.3, 0.4, 0.5, 0.6])
    sampler = np.array([0.2, 0.4, 0.8, 0.8, 0.8])

    assert labels_needed(BUDGETS, random, sampler, 4) == pytest.approx(150)
    assert labels_needed(BUDGETS, random, sampler, 2) == pytest.approx(100)
    assert labels_needed(BUDGETS, random, random, 3) == pytest.approx(300)
    assert labels_needed(BUDGETS, sampler, random, 4) == np.inf


def test_a_lucky_round_does_not_count() -> None:
    random = np.array([0.2, 0.3, 0.4, 0.5, 0.6])
    lucky = np.array([0.2, 0.8, 0.2, 0.6, 0.6])

    assert labels_needed(BUDGETS, random, lucky, 4) == pytest.approx(300)


def test_the_share_has_the_interval_of_the_seeds() -> None:
    random = np.linspace(0.2, 0.6, 5) + np.zeros((10, 1))
    gain = np.repeat([[0, 0.1, 0.2, 0.2, 0.2], [0, 0.1, 0.1, 0.1, 0.1]], 5, axis=0)
    sampler = random + gain

    share = share_needed(BUDGETS, random, sampler, 4)

    assert 0.5 < share.low < share.value < share.high < 0.8


def test_a_simulation_gets_better_with_labels() -> None:
    tiny = Scenario("tiny", "", 400, first_written=True, pool_written=False, per_round=600, rounds=1)

    first, last = curve(tiny, 0.2, 0)

    assert 0.3 < first < last < 0.8


def test_runs_become_lines_of_the_table_and_a_plot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(active, "KEPT", tmp_path)
    monkeypatch.setattr(active, "PLOT", tmp_path / "plot.svg")
    for scenario in SCENARIOS.values():
        for share, gain in ((1.0, 0.1), (0.2, 0.2)):
            values = [[0.4 + gain * n / scenario.rounds for n in range(scenario.rounds + 1)] for _ in range(10)]
            (tmp_path / f"{scenario.name}-{share:g}-10.json").write_text(json.dumps(values))

    (*_, last) = rows(FEW, 0.2, 10)
    draw(10)

    assert last.endswith("| 2,400 | 0.500 ± 0.000 | 0.600 ± 0.000 | 1,200 | **50%** [50%, 50%] |")
    assert (tmp_path / "plot.svg").read_text().count("<svg") == 1
