"""The seeds through the trained model: training data, so this shows that the path works, not that it generalises."""

from pathlib import Path

import pytest

from classifier import Classifier
from classifier.results import ArticleResult
from tests.conftest import ROOT

MODEL = ROOT / "model.npz"
FOUND = {
    "000": {"merit", "performance", "integrity"},
    "001": {"neutrality", "merit"},
    "002": {"performance", "merit", "integrity"},
    "003": {"integrity", "performance"},
    "004": {"awards", "neutrality", "performance"},
}
NOT_FOUND = {
    "000": {"neutrality", "awards"},
    "001": {"awards"},
    "002": {"neutrality", "awards"},
    "003": {"neutrality", "awards"},
    "004": {"integrity"},
}
# Where the list of other headlines begins.
TAIL = {"001": "Terkini Lainnya", "004": "Berita Terkait"}


@pytest.fixture(scope="module")
def trained() -> Classifier:
    assert MODEL.exists(), "train first: make train"
    return Classifier.load(MODEL)


def seed(number: str) -> str:
    (path,) = (ROOT / "seeds").glob(f"{number}_*.txt")
    return path.read_bytes().decode("utf-8")


def classify(classifier: Classifier, number: str) -> ArticleResult:
    return classifier.classify(seed(number))


@pytest.mark.parametrize("number", FOUND)
def test_a_seed_has_its_themes_and_not_the_others(trained: Classifier, number: str) -> None:
    decisions = {label.label: label.decision for label in classify(trained, number).labels}

    assert all(decisions[theme] in {"yes", "review"} for theme in FOUND[number])
    assert all(decisions[theme] != "yes" for theme in NOT_FOUND[number])


@pytest.mark.parametrize("number", TAIL)
def test_furniture_is_flagged_and_no_theme_is_owed_to_other_headlines(trained: Classifier, number: str) -> None:
    text = seed(number)
    result = classify(trained, number)
    tail = [p for p in result.paragraphs if p.start >= text.index(TAIL[number])]

    assert sum(p.boilerplate for p in result.paragraphs) >= 8
    assert tail
    assert all(p.themes == [] for p in tail)
    assert trained.classify(text[: text.index(TAIL[number])]).themes == result.themes


def test_the_seeds_are_as_they_were_given(shared: Path) -> None:
    for path in sorted((shared / "seeds").glob("*.txt")):
        assert (ROOT / "seeds" / path.name).read_bytes() == path.read_bytes()


def test_every_seed_has_its_source() -> None:
    rows = [line.split("\t") for line in (ROOT / "seeds" / "sources.tsv").read_text(encoding="utf-8").splitlines()]

    assert rows[0] == ["file", "title", "outlet", "date"]
    assert {row[0] for row in rows[1:]} == {path.name for path in Path(ROOT / "seeds").glob("*.txt")}
