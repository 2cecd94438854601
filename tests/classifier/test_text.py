import itertools
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.text import fold, tokens, unsound, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ASN Pemprov DKI", ["asn", "pemprov", "dki"]),
        ("ASN-nya, “netral”!", ["asn", "nya", "netral"]),
        ("eselon I/II", ["eselon", "i", "ii"]),
        ("Kupang_, _bkd", ["kupang", "bkd"]),
        ("Rp1.500 (2023)", ["rp1", "500", "2023"]),
        ("\x00 \ufeff 🙂", []),
        ("", []),
        ("net\u200bral", ["netral"]),
        ("\ud800asn", ["asn"]),
        ("ＡＳＮ", ["asn"]),
        ("İstanbul", ["istanbul"]),
    ],
)
def test_words_are_folded_runs_of_letters_and_digits(text: str, expected: list[str]) -> None:
    assert expected == words(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", None),
        ("kinerja 🙂 \x01 \ufffe", None),
        ("a\x00", "holds a NUL"),
        ("\ud83d", "holds half a surrogate pair"),
        ("a\udc00b", "holds half a surrogate pair"),
        ("\x00\ud83d", "holds half a surrogate pair"),
    ],
)
def test_a_text_is_sound_without_nul_and_half_a_surrogate_pair(text: str, reason: str | None) -> None:
    assert unsound(text) == reason


def test_composed_and_decomposed_spellings_are_the_same_words() -> None:
    text = "Wali Kota café résumé Ångström"

    assert words(unicodedata.normalize("NFC", text)) == words(unicodedata.normalize("NFD", text))


@given(st.text())
def test_tokens_are_the_words_with_their_places(text: str) -> None:
    found = tokens(text)

    assert words(text) == [token.text for token in found]
    # One character may fold to two words ("¼"), which then share its place.
    assert all(a.start <= b.start and a.end <= b.end for a, b in itertools.pairwise(found))
    assert all(0 <= token.start < token.end <= len(text) for token in found)
    assert all(token.text in fold(text[token.start : token.end]) for token in found)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert words(fold(text)) == words(text)


@pytest.mark.parametrize("character", ["\u0301", "\ufdfa", "İ", "a\u0301", "\U0001f642"])
def test_folding_takes_time_in_proportion_to_the_text(character: str) -> None:
    def seconds(n: int) -> float:
        text = character * n
        started = time.process_time()
        words(text)
        return time.process_time() - started

    seconds(1000)

    # 300,000 combining marks take Python 3.11's own normalisation half a minute.
    assert seconds(300_000) < 2.0


def test_folding_does_not_blow_a_text_up() -> None:
    assert len(fold("\ufdfa" * 100)) <= 400
