from dataclasses import replace
from pathlib import Path

import pytest

from classifier import Classifier
from classifier.errors import InputRejectedError, SettingError
from tests.conftest import AWARDS, MERIT, NOTHING
from training.choice import RANDOM
from training.codebook import Codebook, read_codebook
from training.estimate import Estimate
from training.exchange.kinds import save
from training.exchange.tasks import Task, Vote
from training.intake import Importer
from training.sample import REASON


@pytest.fixture
def codebook(folder: Path) -> Codebook:
    return read_codebook(folder)


def labelled(name: str, text: str, *themes: str, reason: str = RANDOM) -> Task:
    return Task(name, text, name, (Vote("ani", themes),), meta={REASON: reason})


def write(path: Path, codebook: Codebook, *tasks: Task, kind: str = "labelstudio-json") -> Path:
    save(tasks, path, kind, codebook)
    return path


def test_only_what_was_drawn_at_random_counts(classifier: Classifier, codebook: Codebook, tmp_path: Path) -> None:
    tasks = [labelled(f"m{i}", f"{MERIT} {i}", "merit") for i in range(2)]
    tasks += [labelled(f"n{i}", f"{NOTHING} {i}") for i in range(6)]
    tasks += [labelled(f"a{i}", f"{AWARDS} {i}", "awards", reason="awards") for i in range(9)]

    found = Estimate.of(classifier, write(tmp_path / "f", codebook, *tasks), codebook)

    assert (found.shares["merit"].value, found.shares["awards"].value) == (2 / 8, 0)
    assert found.quality["merit_f1"].value == 1
    assert found.quality.n_examples == 8


@pytest.mark.parametrize(
    "votes",
    [
        (Vote("1", ("merit",)), Vote("2", ("merit",)), Vote("3")),
        (Vote("1", ("merit",), gold=True), Vote("2", gold=True)),
        (Vote("1"), Vote("2", ("merit",), gold=True), Vote("3")),
        (Vote("1", ("merit",)), Vote("2", boilerplate=True)),
    ],
)
def test_votes_are_settled_as_an_import_settles_them(
    classifier: Classifier, codebook: Codebook, folder: Path, votes: tuple[Vote, ...]
) -> None:
    path = write(folder.parent / "f", codebook, Task("x", f"{MERIT} Lalu pulang.", "x", votes, meta={REASON: RANDOM}))
    (stored,) = Importer(folder, "f").take({"f": path}).records

    found = Estimate.of(classifier, path, codebook)

    assert {name for name, share in found.shares.items() if share.value} == set(stored["labels"])


def test_what_was_not_judged_for_all_themes_is_left_out_and_counted(
    classifier: Classifier, codebook: Codebook, tmp_path: Path
) -> None:
    some = Task("s", f"{NOTHING} Lalu.", "s", (Vote("ani", ("merit",), asked=("merit",)),), meta={REASON: RANDOM})
    nobody = Task("n", f"{NOTHING} Nanti.", "n", meta={REASON: RANDOM})
    path = write(tmp_path / "f", codebook, labelled("m", MERIT, "merit"), some, nobody, kind="prodigy")

    found = Estimate.of(classifier, path, codebook)

    assert (found.quality.n_examples, found.left_out) == (1, 2)


def test_none_found_among_a_few_does_not_mean_none(classifier: Classifier, codebook: Codebook, tmp_path: Path) -> None:
    path = write(tmp_path / "f", codebook, *(labelled(str(i), f"{NOTHING} {i}") for i in range(10)))

    found = Estimate.of(classifier, path, codebook)

    # Wilson's upper end for 0 of n is z² / (n + z²).
    assert found.shares["merit"].high == pytest.approx(1.96**2 / (10 + 1.96**2), abs=1e-3)
    assert "| merit | 0.000 [0.000, 0.278] | – | – | – |" in found.table()


def test_a_false_alarm_on_what_was_not_met_shows_and_recall_alone_is_not_known(
    classifier: Classifier, codebook: Codebook, tmp_path: Path
) -> None:
    found = Estimate.of(classifier, write(tmp_path / "f", codebook, labelled("m", MERIT)), codebook)

    # Wilson's upper end for 0 of 1, and F1 counts the false alarm too.
    assert "| merit | 0.000 [0.000, 0.793] | 0.000 [0.000, 0.793] | – | 0.000 [0.000, 0.000] |" in found.table()


def test_what_the_model_never_says_yes_to_has_no_precision(
    classifier: Classifier, codebook: Codebook, tmp_path: Path
) -> None:
    found = Estimate.of(classifier, write(tmp_path / "f", codebook, labelled("n", NOTHING, "merit")), codebook)

    assert "| merit | 1.000 [0.207, 1.000] | – | 0.000 [0.000, 0.793] | 0.000 [0.000, 0.000] |" in found.table()


def test_all_found_of_a_few_does_not_mean_all(classifier: Classifier, codebook: Codebook, tmp_path: Path) -> None:
    path = write(tmp_path / "f", codebook, *(labelled(str(i), f"{MERIT} {i}", "merit") for i in range(6)))

    found = Estimate.of(classifier, path, codebook)

    # Wilson's lower end for n of n is n / (n + z²).
    assert found.precisions["merit"] == found.recalls["merit"]
    assert found.recalls["merit"].low == pytest.approx(6 / (6 + 1.96**2), abs=1e-3)


def test_a_model_of_other_themes_is_refused(classifier: Classifier, codebook: Codebook, tmp_path: Path) -> None:
    path = write(tmp_path / "f", codebook, labelled("m", MERIT))

    with pytest.raises(SettingError, match="other themes"):
        Estimate.of(classifier, path, replace(codebook, themes=codebook.themes[1:]))


def test_a_file_without_a_random_share_is_refused(classifier: Classifier, codebook: Codebook, tmp_path: Path) -> None:
    unread = Task("y", NOTHING, meta={REASON: RANDOM})
    path = write(tmp_path / "f", codebook, labelled("a", AWARDS, "awards", reason="awards"), Task("x", MERIT), unread)

    with pytest.raises(InputRejectedError, match="marked sample=random that was judged for all themes"):
        Estimate.of(classifier, path, codebook)
