from pathlib import Path

import pytest

from classifier import Classifier
from classifier.errors import InputRejectedError
from tests.conftest import AWARDS, MERIT, NOTHING
from training.choice import RANDOM
from training.codebook import Codebook, read_codebook
from training.estimate import Estimate
from training.exchange.kinds import save
from training.exchange.tasks import Task, Vote
from training.sample import REASON


@pytest.fixture
def codebook(folder: Path) -> Codebook:
    return read_codebook(folder)


def labelled(name: str, text: str, *themes: str, reason: str = RANDOM) -> Task:
    return Task(name, text, name, (Vote("ani", themes),), meta={REASON: reason})


def write(path: Path, codebook: Codebook, *tasks: Task) -> Path:
    save(tasks, path, "labelstudio-json", codebook)
    return path


def test_only_what_was_drawn_at_random_counts(classifier: Classifier, codebook: Codebook, tmp_path: Path) -> None:
    tasks = [labelled(f"m{i}", f"{MERIT} {i}", "merit") for i in range(2)]
    tasks += [labelled(f"n{i}", f"{NOTHING} {i}") for i in range(6)]
    tasks += [labelled(f"a{i}", f"{AWARDS} {i}", "awards", reason="awards") for i in range(9)]

    found = Estimate.of(classifier, write(tmp_path / "f", codebook, *tasks), codebook)

    assert (found.shares["merit"].value, found.shares["awards"].value) == (2 / 8, 0)
    assert found.quality["merit_f1"].value == 1
    assert found.quality.n_examples == 8


def test_none_found_among_a_few_does_not_mean_none(classifier: Classifier, codebook: Codebook, tmp_path: Path) -> None:
    path = write(tmp_path / "f", codebook, *(labelled(str(i), f"{NOTHING} {i}") for i in range(10)))

    found = Estimate.of(classifier, path, codebook)

    # Wilson's upper end for 0 of n is z² / (n + z²).
    assert found.shares["merit"].high == pytest.approx(1.96**2 / (10 + 1.96**2), abs=1e-3)
    assert "| merit | 0.000 [0.000, 0.278] | – | – | – |" in found.table()


def test_a_file_without_a_random_share_is_refused(classifier: Classifier, codebook: Codebook, tmp_path: Path) -> None:
    path = write(tmp_path / "f", codebook, labelled("a", AWARDS, "awards", reason="awards"), Task("x", MERIT))

    with pytest.raises(InputRejectedError, match="marked sample=random"):
        Estimate.of(classifier, path, codebook)
