import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.lexicon import Lexicon, Match

LEXICON = Lexicon(
    {
        "person": {"servant": ["asn", "kepala dinas", "kepala*"], "elected": ["bupati"]},
        "deed": {"sold": ["jual beli jabatan"], "given": ["jabatan", "melantik"]},
    }
)


def test_an_entry_matches_whole_words_in_order() -> None:
    assert LEXICON.count("jual beli jabatan".split()) == {"sold": 1, "given": 1, "deed": 1}
    assert LEXICON.count("beli jual".split()) == {}


def test_a_star_stands_for_any_ending() -> None:
    assert LEXICON.count(["kepala", "kepalanya"]) == {"servant": 2, "person": 2}


def test_the_longest_entry_wins_and_matches_of_a_class_do_not_overlap() -> None:
    assert [Match("person", 0, 2), Match("servant", 0, 2)] == LEXICON.matches(["kepala", "dinas"])


def test_a_coarse_class_counts_what_any_of_its_fine_classes_matches() -> None:
    assert LEXICON.count("asn dan bupati".split()) == {"person": 2, "servant": 1, "elected": 1}


def test_equal_lexicons_have_one_canonical_form_and_version() -> None:
    shuffled = Lexicon({c: dict(reversed(list(f.items()))) for c, f in reversed(list(LEXICON.classes.items()))})

    assert LEXICON.version == shuffled.version
    assert LEXICON.version == Lexicon.from_json(LEXICON.to_json()).version


@pytest.mark.parametrize("text", ["[]", "null", '{"a":1}', '{"a":{"b":"c"}}', '{"a":{"b":[1]}}', "{"])
def test_what_is_no_lexicon_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"lexicon|Expecting"):
        Lexicon.from_json(text)


@given(st.lists(st.sampled_from("kepala dinas asn bupati jual beli jabatan melantik kepalanya dan".split())))
def test_matches_stay_inside_the_words_and_never_overlap_within_a_class(words: list[str]) -> None:
    for name in (*LEXICON.coarse, *LEXICON.fine):
        mine = [match for match in LEXICON.matches(words) if match.name == name]
        assert all(0 <= m.start < m.end <= len(words) for m in mine)
        assert all(a.end <= b.start for a, b in itertools.pairwise(mine))
