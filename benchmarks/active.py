"""`make active`: how many labels the sampler needs for the F1 of labels drawn at random; writes docs/sampling.md.

Labels of labels/ are hidden and revealed as asked.  A third of the real articles, another one for each seed, is held
out for F1.  At each round the model is trained as `asn-themes train` does it, on what is revealed alone: terms,
weights, calibration and cuts.  The sampler is `training.choice`, which `asn-themes labels sample` uses.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import matplotlib as mpl
import numpy as np
from joblib import Parallel, delayed
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.stats import t as student
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import f1_score

from benchmarks.document import replace_section
from training.choice import RANDOM_SHARE, Pool, choose
from training.crossval import N_FOLDS, Experiment
from training.fit import Linear, Recipe, fit_linear
from training.labels import read_labels
from training.metrics import Interval

DOCUMENT, PLOT, KEPT = Path("docs/sampling.md"), Path("docs/active.svg"), Path("build/active")
HELD_OUT = 1 / 3
N_RESAMPLES = 1000

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scenario:
    """Where labelling starts and what is labelled then: how many paragraphs at first, of which kind; the pool."""

    name: str
    title: str
    first: int
    first_written: bool
    pool_written: bool
    per_round: int
    rounds: int


FEW = Scenario("few", "400 written paragraphs, then real ones", 400, True, False, 200, 12)
MIXED = Scenario("mixed", "300 written and real paragraphs, then either", 300, False, True, 300, 10)
SHIPPED = Scenario("shipped", "all 5,431 written paragraphs, then real ones", 5431, True, False, 400, 6)
SCENARIOS = {scenario.name: scenario for scenario in (FEW, MIXED, SHIPPED)}
#: Each scenario at the default share drawn at random, and the first without one.
RUNS = [*((s, RANDOM_SHARE) for s in SCENARIOS.values()), (FEW, 0.0)]


class Revealed(Experiment):
    """Labels of which some are known yet; judged as `Experiment` does, within those."""

    known: Rows = np.arange(0)

    @property
    def judged(self) -> Rows:
        real = np.intersect1d(self.known, np.flatnonzero([example.real for example in self.labels.examples]))
        return self.known if self._thin(real) else real

    def train(self, known: Rows) -> tuple[Linear, NDArray[np.float32], object]:
        """Train on `known` alone; return the calibrated model, its cuts and all examples weighed for it."""
        self.known = known
        calibration, cuts = self.calibrate(*self.raw_out_of_fold(known, N_FOLDS))
        _, X = self.matrix.weigh(known, self.recipe.min_df)
        linear = fit_linear(X[known], self.Y[known], self.weights[known], self.recipe)
        return calibration.fold_into(linear), cuts, X


def curve(scenario: Scenario, random_share: float, seed: int) -> list[float]:
    """Return the macro-F1 on held-out articles after each round; a random share of 1 is the random sampler."""
    world = _world()
    rng = np.random.default_rng(seed)
    real = np.array([example.real for example in world.labels.examples])
    names = np.unique(world.articles[real])
    held_out = np.isin(world.articles, rng.choice(names, round(len(names) * HELD_OUT), replace=False))
    test, written = np.flatnonzero(held_out), np.flatnonzero(~real)
    pool = np.flatnonzero(~held_out & (real | scenario.pool_written))
    first = written if scenario.first_written else pool
    known = rng.choice(first, min(scenario.first, len(first)), replace=False)
    values = []
    for _ in range(scenario.rounds + 1):
        linear, cuts, X = world.train(np.sort(known))
        values.append(macro_f1(world.Y[test], linear.decision_function(X[test]), cuts))
        pool = np.setdiff1d(pool, known)
        logits = linear.decision_function(X[pool])
        paragraphs = pool_of(world, pool, logits, cuts, rng)
        picks = choose(paragraphs, scenario.per_round, random_share, bags(world, known) if random_share < 1 else ())
        known = np.concatenate([known, pool[[pick.row for pick in picks]]])
    return values


def pool_of(world: Revealed, rows: Rows, logits: Floats, cuts: NDArray[np.float32], rng: np.random.Generator) -> Pool:
    """Return the hidden `rows` as the sampler sees an archive; real records don't tell their outlets."""
    themes, outlets = world.labels.codebook.theme_ids, np.full(len(rows), "")
    return Pool(themes, logits, cuts, rng.random(len(rows)), world.articles[rows], outlets, bags(world, rows))


def bags(world: Revealed, rows: Rows) -> list[frozenset[str]]:
    """Return the words of `rows`, which near-duplicates are told by where texts are not kept."""
    return [frozenset(world.labels.examples[row].counts.words) for row in rows]


def macro_f1(Y: NDArray[np.bool_], logits: Floats, cuts: NDArray[np.float32]) -> float:
    """Return the mean F1 of the themes."""
    return float(np.mean([f1_score(Y[:, k], logits[:, k] >= cuts[k, 1]) for k in range(Y.shape[1] - 1)]))


_worlds: list[Revealed] = []


def _world() -> Revealed:
    if not _worlds:
        _worlds.append(Revealed(read_labels(Path("labels")), Recipe()))
    return _worlds[0]


def labels_needed(budgets: Floats, random: Floats, sampler: Floats, budget: int) -> float:
    """Return the labels after which the sampler has the F1 of the random sampler after ``budgets[budget]``.

    Both curves are means over seeds, of shape (n_rounds + 1,), made monotone by isotonic regression: a lucky round
    does not count.
    """
    reached, curve = (IsotonicRegression().fit_transform(budgets, values) for values in (random, sampler))
    goal = reached[budget]
    if curve[-1] < goal:
        return np.inf
    after = int(np.argmax(curve >= goal))
    if after == 0:
        return 0.0
    part = (goal - curve[after - 1]) / (curve[after] - curve[after - 1])
    return float(budgets[after - 1] + part * (budgets[after] - budgets[after - 1]))


def share_needed(budgets: Floats, random: Floats, sampler: Floats, budget: int) -> Interval:
    """Return the share of the random sampler's labels that the sampler needs, with its 95 % interval over seeds."""
    rng = np.random.default_rng(0)
    draws = [np.arange(len(random)), *rng.integers(0, len(random), size=(N_RESAMPLES, len(random)))]
    shares = [
        labels_needed(budgets, random[d].mean(axis=0), sampler[d].mean(axis=0), budget) / budgets[budget] for d in draws
    ]
    low, high = np.quantile(shares[1:], [0.025, 0.975], method="nearest")
    return Interval(shares[0], float(low), float(high))


def curves(scenario: Scenario, random_share: float, n_seeds: int) -> Floats:
    """Return the curves of all seeds, of shape (n_seeds, n_rounds + 1); what was run before is read again."""
    path = KEPT / f"{scenario.name}-{random_share:g}-{n_seeds}.json"
    if not path.exists():
        found = Parallel(n_jobs=-1)(delayed(curve)(scenario, random_share, seed) for seed in range(n_seeds))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found), encoding="utf-8")
    return np.array(json.loads(path.read_text(encoding="utf-8")))


def rows(scenario: Scenario, random_share: float, n_seeds: int) -> Iterator[str]:
    """Render one run as lines of the table: thirds of the labels."""
    random, sampler = (curves(scenario, share, n_seeds) for share in (1.0, random_share))
    budgets = np.arange(random.shape[1], dtype=np.float64) * scenario.per_round
    for budget in (scenario.rounds // 3, 2 * scenario.rounds // 3, scenario.rounds):
        needed = share_needed(budgets, random, sampler, budget)
        ends = (
            f"{values[:, budget].mean():.3f} ± {_half_width(values[:, budget]):.3f}" for values in (random, sampler)
        )
        shown = f"**{needed.value:.0%}** [{needed.low:.0%}, {needed.high:.0%}]"
        yield (
            f"| {scenario.title} | {random_share:.0%} | {budgets[budget]:,.0f} | {' | '.join(ends)} "
            f"| {needed.value * budgets[budget]:,.0f} | {shown} |"
        )


def _half_width(values: Floats) -> float:
    """Return half the 95 % interval of a mean, by Student's t."""
    return float(student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))


HEADING = (
    "| start, then pool | drawn at random | labels | F1, random | F1, sampler | labels that the sampler needs "
    "for the F1 of random | share |\n|---|---|---|---|---|---|---|"
)


def draw(n_seeds: int) -> None:
    """Plot the mean curves with their 95 % intervals."""
    with mpl.rc_context({"svg.hashsalt": "asn-themes", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(9, 3.2), layout="constrained")
        for axes, scenario in zip(figure.subplots(1, len(SCENARIOS)), SCENARIOS.values(), strict=True):
            for name, share, colour in (("random", 1.0, "#9aa5b1"), ("sampler", RANDOM_SHARE, "#0b6e6e")):
                values = curves(scenario, share, n_seeds)
                budgets = np.arange(values.shape[1]) * scenario.per_round
                mean, width = values.mean(axis=0), [_half_width(column) for column in values.T]
                axes.plot(budgets, mean, color=colour, marker="o", markersize=3, label=name)
                axes.fill_between(budgets, mean - width, mean + width, color=colour, alpha=0.2, linewidth=0)
                if share == 1.0:
                    axes.axhline(mean[-1], color=colour, linestyle="--", linewidth=0.8)
            axes.set_title(scenario.title, fontsize=8, loc="left")
            axes.set(xlabel="labels asked for", ylabel="macro-F1, held-out articles")
            axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, loc="lower right")
        figure.savefig(PLOT, metadata={"Date": None})


@click.command()
@click.argument("names", nargs=-1, type=click.Choice([*SCENARIOS]))
@click.option("--seeds", default=10, show_default=True)
def main(names: tuple[str, ...], seeds: int) -> None:
    """Run the scenarios NAMES, or all and write the table and the plot; what was run stays in build/active."""
    lines = []
    for scenario, random_share in RUNS:
        if scenario.name in (names or SCENARIOS):
            lines += rows(scenario, random_share, seeds)
            print(*lines[-3:], sep="\n", file=sys.stderr, flush=True)
    if not names:
        replace_section(DOCUMENT, "active", "\n".join([HEADING, *lines]))
        draw(seeds)


if __name__ == "__main__":
    main()
