import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import asn_themes
from classifier import Classifier, InputRejectedError
from tests.conftest import AWARDS, FURNITURE, INTEGRITY, MERIT, NEUTRALITY, PERFORMANCE, THEMES
from training.evaluate import cross_validate, judge_file
from training.fit import Recipe
from training.metrics import measure


def test_a_model_is_measured_on_a_labelled_file(classifier: Classifier, tmp_path: Path) -> None:
    texts = zip((NEUTRALITY, MERIT, INTEGRITY, PERFORMANCE, AWARDS), THEMES, strict=True)
    rows = [{"text": text, "labels": [theme], "article": theme} for text, theme in texts]
    path = tmp_path / "gold.jsonl"
    path.write_text(
        "\n".join(json.dumps(row) for row in [*rows, {"text": FURNITURE, "labels": [], "boilerplate": True}])
    )

    quality = measure(judge_file(classifier, path).judgements)

    assert (quality.macro_f1.value, quality.n_examples, quality.n_articles) == (1.0, 6, 6)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "no labelled"),
        ('{"text":"a"}', "text and labels"),
        ('{"labels":[]}', ":1:"),
        ('{"text":"a","labels":[]}', "with a theme"),
        ('{"text":"a","labels":["sport"]}', "unknown themes"),
    ],
)
def test_a_file_that_is_not_labelled_is_refused(
    classifier: Classifier, tmp_path: Path, content: str, says: str
) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(content)

    with pytest.raises(InputRejectedError, match=says):
        judge_file(classifier, path)


def test_cross_validation_measures_the_recipe_on_a_labels_folder(folder: Path) -> None:
    quality = measure(cross_validate(folder, Recipe(min_df=1), lambda _: None).judgements)

    assert [*THEMES, "boilerplate"] == list(quality.supports)
    assert quality.macro_f1.value > 0.8


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        ([], 0, "1 paragraphs"),
        (["--min", "merit_f1=1,merit_recall=1"], 0, "1 paragraphs"),
        (["--min", "merit_f1=1,awards_f1=0.5"], 3, "awards_f1 is 0.000, below 0.5"),
        (["--min", "merit_f2=1"], 2, "no figure 'merit_f2'"),
        (["--min", "merit_f1"], 2, "no name=number"),
        (["--cv"], 2, "say --cv"),
        (["--yes-precision", "0.9"], 2, "goes with --cv"),
        (["--model", "none.npz"], 4, "cannot open"),
    ],
)
def test_the_command_gates_with_the_documented_exit_codes(
    model_path: Path, tmp_path: Path, options: list[str], code: int, says: str
) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps({"text": MERIT, "labels": ["merit"]}))

    done = CliRunner().invoke(asn_themes.main, ["evaluate", str(path), "--model", str(model_path), *options])

    assert (done.exit_code, says in done.output) == (code, True), done.output
