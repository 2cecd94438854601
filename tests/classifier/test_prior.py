from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import Classifier
from classifier.errors import ModelRejectedError, SettingError
from classifier.model import Model
from classifier.prior import parse_shares, sample_prior
from tests.conftest import FURNITURE, INTEGRITY, MERIT, NOTHING, THEMES

ARTICLE = "\n".join([MERIT, INTEGRITY, NOTHING, FURNITURE])
SHARES = st.dictionaries(st.sampled_from(THEMES), st.floats(0.001, 0.999), min_size=1)


def test_shares_are_read_from_one_line() -> None:
    assert parse_shares(" merit=0.02, awards=0.01 ,") == {"merit": 0.02, "awards": 0.01}
    assert parse_shares("0.9") == {"all": 0.9}
    assert parse_shares("") == {}


@pytest.mark.parametrize("text", ["merit=0.1,merit=0.2", "0.1,0.2"])
def test_a_share_that_stands_twice_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="stands twice"):
        parse_shares(text)


@pytest.mark.parametrize("text", ["merit", "merit=", "merit=viel", "=", "a=b=c"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="no name=number"):
        parse_shares(text)


def test_the_odds_of_a_score_move_by_the_ratio_of_the_odds_of_the_priors(model: Model) -> None:
    plain = Classifier(model, "v").predict_proba([MERIT])[0, 1]
    moved = Classifier(model, "v", {"merit": 0.1}).predict_proba([MERIT])[0, 1]

    # From 1:1 in the sample to 1:9.
    assert moved / (1 - moved) == pytest.approx(plain / (1 - plain) / 9)


@given(prior=SHARES)
def test_a_prior_moves_scores_and_no_decision(model: Model, prior: dict[str, float]) -> None:
    plain, moved = Classifier(model, "v").classify(ARTICLE), Classifier(model, "v", prior).classify(ARTICLE)

    assert [p.decisions for p in plain.paragraphs] == [p.decisions for p in moved.paragraphs]
    assert [p.boilerplate for p in plain.paragraphs] == [p.boilerplate for p in moved.paragraphs]
    for theme in set(THEMES) - prior.keys():
        assert [p.scores[theme] for p in plain.paragraphs] == [p.scores[theme] for p in moved.paragraphs]


def test_a_higher_prior_never_lowers_a_score(model: Model) -> None:
    scores = [Classifier(model, "v", {"merit": p}).predict_proba([MERIT])[0, 1] for p in (0.01, 0.2, 0.5, 0.9)]

    assert scores == sorted(scores)


def test_evidence_adds_up_to_the_logit_at_the_prior(model: Model) -> None:
    classifier = Classifier(model, "v", {"merit": 0.1})
    weights = [c.weight for c in classifier.explain(MERIT) if c.theme == "merit"]

    assert sum(weights) == pytest.approx(classifier.decision_function([MERIT])[0, 1])


def test_answers_carry_the_prior_only_where_one_is_stated(model: Model) -> None:
    assert Classifier(model, "v", {"merit": 0.1}).classify(MERIT).to_json()["prior"] == {"merit": 0.1}
    assert "prior" not in Classifier(model, "v").classify(MERIT).to_json()


@pytest.mark.parametrize(
    ("prior", "says"),
    [({"sport": 0.1}, "themes are neutrality"), ({"merit": 0.0}, "above 0"), ({"merit": float("nan")}, "above 0")],
)
def test_a_prior_that_cannot_be_is_refused(model: Model, prior: dict[str, float], says: str) -> None:
    with pytest.raises(SettingError, match=says):
        Classifier(model, "v", prior)


@pytest.mark.parametrize("stated", [None, 3, {"merit": 0.1}, dict.fromkeys(THEMES, 1.0), dict.fromkeys(THEMES, "x")])
def test_a_model_that_does_not_state_its_prior_takes_no_other(model: Model, stated: object) -> None:
    with pytest.raises(ModelRejectedError, match="prior is not stated"):
        sample_prior(replace(model, metadata={"prior": stated}))
