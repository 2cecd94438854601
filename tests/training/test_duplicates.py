from tests.conftest import AWARDS, MERIT
from training.duplicates import Duplicates, shingles


def test_a_text_is_its_runs_of_five_words_and_a_shorter_one_its_words_together() -> None:
    assert shingles("Satu dua, tiga empat lima ENAM.") == {"satu dua tiga empat lima", "dua tiga empat lima enam"}
    assert shingles("Satu, dua") == {"satu dua"}


def test_a_text_is_found_again_with_a_word_changed_and_another_is_not() -> None:
    held = Duplicates()
    held.add("merit", shingles(f"{MERIT} {AWARDS}"))
    held.add("awards", shingles(AWARDS))

    assert held.like(shingles(f"{MERIT} {AWARDS} Kemarin.")) == ["merit"]
    assert held.like(shingles("Hujan deras mengguyur kawasan pasar sejak sore hari ini.")) == []


def test_what_is_added_tells_what_was_there_before_it() -> None:
    held = Duplicates()

    assert held.add("first", {"a", "b", "c"}) == []
    assert held.add("second", {"a", "b", "c"}) == ["first"]
    assert held.add("third", {"a", "b", "c", "d"}) == ["first", "second"]
