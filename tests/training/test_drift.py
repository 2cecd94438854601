import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from classifier import Classifier
from classifier.errors import InputRejectedError
from tests.conftest import AWARDS, MERIT, NOTHING, ROOT
from training.archive.options import Options
from training.drift import MIN_ARTICLES, Measured, Shift, drift, measure, plot, table

OLD = [MERIT, NOTHING] * 15
NEW = [AWARDS, AWARDS, MERIT, "Kata kata asing belaka.", "\n"] * 6


def archive(folder: Path, name: str, texts: list[str]) -> str:
    (folder / name).write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return str(folder / name)


def measured(values: list[float]) -> Measured:
    x = np.array(values)
    return Measured(x, np.zeros(len(x), dtype=bool), x[:, None], x[:, None] > 0.5, 0)


def by_name(shifts: tuple[Shift, ...]) -> dict[str, Shift]:
    return {shift.name: shift for shift in shifts}


def test_what_two_archives_differ_in_is_counted_article_by_article(classifier: Classifier, tmp_path: Path) -> None:
    both = [measure(archive(tmp_path, n, t), classifier, Options()) for n, t in (("a.jsonl", OLD), ("b.jsonl", NEW))]
    found = by_name(drift(both[0], both[1], classifier.themes))

    assert (found["articles without content"].a, found["articles without content"].b) == (0, 0.2)
    assert (found["articles with awards"].a, found["articles with awards"].b) == (0, 0.5)
    assert (found["articles with merit"].a, found["articles with merit"].b) == (0.5, 0.25)
    shares = [classifier.unknown_share(text) for text in NEW]
    assert found["unknown words"].b == pytest.approx(sum(shares) / len(shares))
    assert found["score of awards"].low > 0


def test_an_archive_has_not_drifted_from_itself(classifier: Classifier, tmp_path: Path) -> None:
    one = measure(archive(tmp_path, "a.jsonl", NEW), classifier, Options())

    assert all(shift.a == shift.b and shift.low <= 0 <= shift.high for shift in drift(one, one, classifier.themes))


def test_the_interval_of_a_mean_is_welchs() -> None:
    a, b = [0.1, 0.2, 0.3, 0.4], [0.5, 0.7, 0.9]
    shift = by_name(drift(measured(a), measured(b), ("t",)))["unknown words"]

    half = 1.96 * math.sqrt(np.var(a, ddof=1) / 4 + np.var(b, ddof=1) / 3)
    assert (shift.low, shift.high) == pytest.approx((0.45 - half, 0.45 + half))


def test_the_interval_of_a_share_is_newcombes() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table II: 56 of 70 against 48 of 80 gives 0.0524 to 0.3339.
    a, b = measured([1.0] * 48 + [0.0] * 32), measured([1.0] * 56 + [0.0] * 14)
    shift = by_name(drift(a, b, ("t",)))["articles with t"]

    assert (shift.low, shift.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_the_interval_covers_the_true_shift_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(400):
        a, b = (measured(rng.beta(1, k, 60).tolist()) for k in (9, 4))
        shift = by_name(drift(a, b, ("t",)))["score of t"]
        covered.append(shift.low <= 1 / 5 - 1 / 10 <= shift.high)

    assert 0.92 <= np.mean(covered) <= 0.98


def test_the_table_has_a_row_a_figure_and_marks_what_is_beyond_chance(tmp_path: Path) -> None:
    shifts = (Shift("unknown words", 0.1, 0.2, 0.05, 0.15), Shift("score of merit", 0.5, 0.5, -0.1, 0.1))

    assert table(shifts).splitlines()[2:] == [
        "| unknown words | 10.0 | 20.0 | **+10.0 [+5.0, +15.0]** |",
        "| score of merit | 50.0 | 50.0 | +0.0 [-10.0, +10.0] |",
    ]
    for name in ("p.png", "p.svg"):
        plot(shifts, tmp_path / name)
        assert (tmp_path / name).stat().st_size > 5000


def test_an_archive_without_enough_articles_is_refused_with_the_first_reason(
    classifier: Classifier, tmp_path: Path
) -> None:
    few = archive(tmp_path, "few.jsonl", [MERIT] * (MIN_ARTICLES - 1) + ["\n"])
    (tmp_path / "scored.jsonl").write_text('{"themes": ["merit"]}\n' * 20)

    with pytest.raises(InputRejectedError, match=f"{MIN_ARTICLES - 1} articles with content"):
        measure(few, classifier, Options())
    with pytest.raises(InputRejectedError, match="of 20 rows rejected the first has no `text`"):
        measure(str(tmp_path / "scored.jsonl"), classifier, Options())


def test_the_command_prints_the_table_and_draws_it(model_path: Path, tmp_path: Path) -> None:
    files = [archive(tmp_path, "a.jsonl", OLD), archive(tmp_path, "b.jsonl", NEW)]
    command = [sys.executable, "asn_themes.py", "drift", *files, "--model", model_path, "--plot", tmp_path / "d.svg"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.startswith("| mean over articles, percent | A | B | shift |")
    assert "30 articles, 6 without content; 0 rows rejected" in done.stderr
    assert (tmp_path / "d.svg").exists()
