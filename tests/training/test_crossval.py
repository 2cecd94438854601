from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from classifier.errors import LabelsRejectedError, SettingError
from tests.labels_folder import record, write
from training.crossval import Experiment
from training.fit import Recipe
from training.labels import read_labels


def experiment(folder: Path) -> Experiment:
    return Experiment(read_labels(folder), Recipe(min_df=1))


def test_no_article_stands_on_both_sides_of_a_fold(folder: Path) -> None:
    trial = experiment(folder)

    for fold in trial.folds(trial.judged, 3):
        assert not set(trial.articles[fold.train]) & set(trial.articles[fold.test])


def test_every_judged_row_is_tested_once(folder: Path) -> None:
    trial = experiment(folder)
    tested = np.concatenate([fold.test for fold in trial.folds(trial.judged, 3)])

    assert trial.judged.tolist() == sorted(tested.tolist())


def test_real_paragraphs_are_judged_and_written_ones_always_train(folder: Path, rows: list[dict[str, object]]) -> None:
    copies = [
        dict(row, id=f"r{row['id']}", article=f"r{row['article'] if 'article' in row else row['id']}") for row in rows
    ]
    write(folder, [copy | {"source": "imported"} for copy in copies], "paragraphs/real.jsonl")
    trial = experiment(folder)
    written = np.flatnonzero([not example.real for example in trial.labels.examples])

    assert len(copies) == len(trial.judged)
    for fold in trial.folds(trial.judged, 3):
        assert set(written) <= set(fold.train)


def test_nothing_of_a_test_fold_reaches_its_terms(folder: Path) -> None:
    trial = experiment(folder)
    fold = next(iter(trial.folds(trial.judged, 3)))
    features, _ = trial.matrix.weigh(fold.train, 1)
    seen = {word for row in fold.train for word in trial.labels.examples[row].counts.words}

    assert set(features.terms[0]) <= seen


def test_labels_dealt_out_without_regard_to_the_text_are_not_learnt(folder: Path) -> None:
    trial = experiment(folder)
    for i in range(12):
        rows = np.flatnonzero(trial.articles == f"a{i}")
        trial.Y[rows] = np.roll(trial.Y[rows], i, axis=0)

    out = trial.cross_validate()

    assert f1_score(out.Y[:, :5], out.decisions[:, :5], average="macro", zero_division=0) < 0.4


def test_cross_validation_judges_with_calibrated_logits_and_cuts_of_the_fold(folder: Path) -> None:
    trial = experiment(folder)

    out = trial.cross_validate()

    assert out.logits.shape == out.decisions.shape == (len(trial.judged), 6)
    assert not (out.decisions & out.reviews).any()
    assert (out.decisions == out.Y).mean() > 0.9


def test_cuts_that_training_states_its_quality_at_come_from_other_articles(folder: Path) -> None:
    trial = experiment(folder)
    _, raw = trial.raw_out_of_fold(np.arange(len(trial.Y)), 3)
    before = trial.cross_fit(raw, 3)
    fold = next(iter(trial.folds(trial.judged, 3)))
    trial.Y[fold.test] = ~trial.Y[fold.test]
    after = trial.cross_fit(raw, 3)
    here = np.isin(trial.judged, fold.test)

    assert (before.logits[here] == after.logits[here]).all()
    assert (before.decisions[here] == after.decisions[here]).all()


@pytest.mark.parametrize("stated", [{"sport": 0.9}, {"merit": 1.5}, {"all": float("nan")}])
def test_a_precision_that_cannot_be_is_refused(folder: Path, stated: dict[str, float]) -> None:
    with pytest.raises(SettingError, match="yes-precision"):
        Experiment(read_labels(folder), Recipe(), stated)


def test_a_stated_precision_is_for_the_themes_named_or_for_all(folder: Path) -> None:
    stated = Experiment(read_labels(folder), Recipe(), {"all": 0.8, "merit": 0.9}).precisions

    assert stated == (0.8, 0.9, 0.8, 0.8, 0.8)


def test_models_are_judged_on_real_paragraphs_where_each_output_has_enough(
    folder: Path, rows: list[dict[str, object]]
) -> None:
    few = [row | {"source": "imported"} if row["id"] in ("merit-0", "page-0") else row for row in rows]
    write(folder, few)
    assert len(experiment(folder).judged) == len(rows)

    write(folder, [row | {"source": "imported"} if row["labels"] or row["boilerplate"] else row for row in rows])
    assert len(experiment(folder).judged) == sum(bool(row["labels"] or row["boilerplate"]) for row in rows)


def test_a_theme_of_too_few_articles_is_refused_by_its_name(folder: Path, rows: list[dict[str, object]]) -> None:
    write(folder, [row | {"article": "one"} if row["labels"] == ["merit"] else row for row in rows])

    with pytest.raises(LabelsRejectedError, match="labels: merit: 10 paragraphs of 5 articles"):
        experiment(folder)


def test_where_hardly_anything_is_furniture_nothing_is_taken_for_it(
    folder: Path, rows: list[dict[str, object]]
) -> None:
    write(folder, [row for row in rows if not row["boilerplate"]] + [record("page", "Baca juga", [], boilerplate=True)])
    trial = experiment(folder)

    rule = trial.settle(*trial.raw_out_of_fold(np.arange(len(trial.labels.examples)), 5))

    assert not trial.Y[:, -1].any()
    assert (rule.calibration.slope[-1], rule.cuts[-1].tolist()) == (1.0, [6.0, 6.0])
