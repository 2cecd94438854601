from training.exchange.tasks import Vote
from training.settlement import settle

THEMES = ("neutrality", "merit")


def test_the_majority_settles_each_theme_by_itself() -> None:
    settled = settle([Vote("a", ("neutrality", "merit")), Vote("b", ("merit",)), Vote("c")], THEMES)

    assert (settled.labels, settled.readers) == (("merit",), ("a", "b", "c"))


def test_in_a_tie_whoever_voted_first_is_right() -> None:
    votes = [Vote("a", ("merit",)), Vote("b", boilerplate=True)]

    assert (settle(votes, THEMES).labels, settle(votes, THEMES).boilerplate) == (("merit",), False)
    assert (settle(votes[::-1], THEMES).labels, settle(votes[::-1], THEMES).boilerplate) == ((), True)


def test_a_gold_vote_stands_against_all_others() -> None:
    settled = settle([Vote("a"), Vote("b"), Vote("c", ("merit",), gold=True)], THEMES)

    assert (settled.labels, settled.readers) == (("merit",), ("c",))


def test_only_those_who_were_asked_about_a_theme_are_heard_on_it() -> None:
    votes = [Vote("a", ("merit",), asked=("merit",)), Vote("b", (), asked=("neutrality",))]

    settled = settle(votes, THEMES)

    assert (settled.labels, settled.silent) == (("merit",), ("boilerplate",))


def test_nothing_is_settled_by_silence() -> None:
    assert settle([Vote("a", asked=())], THEMES).silent == ("neutrality", "merit", "boilerplate")
    assert settle([], THEMES).silent == ("neutrality", "merit", "boilerplate")


def test_a_label_is_complete_when_all_themes_were_asked_about_and_furniture_or_not() -> None:
    asked = [("neutrality", "merit", "boilerplate"), ("neutrality", "merit"), ("merit", "boilerplate"), ()]

    assert [settle([Vote("a", asked=a)], THEMES).complete for a in asked] == [True, True, False, False]
