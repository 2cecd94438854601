from dataclasses import replace

from classifier.features import Counts
from training.labels import Example
from training.repeats import count_repeats, text_repeats

TEXT = "Wali kota menyerahkan penghargaan kepada sembilan kelurahan di aula kemarin siang"


def example(name: str, text: str | None = None, words: str = "", **fields: object) -> Example:
    made = Example(name, name, (), False, "imported", 1, Counts(dict.fromkeys(words.split(), 1), {}), text, name)
    return replace(made, **fields)  # type: ignore[arg-type]


def test_texts_are_compared_with_texts_and_counts_with_counts() -> None:
    given = [example("a", TEXT), example("b", f"{TEXT}."), example("c", words=TEXT), example("d", words=TEXT)]

    assert [(r.first.id, r.second.id) for r in text_repeats(given)] == [("a", "b")]
    assert [(r.first.id, r.second.id) for r in count_repeats(given)] == [("c", "d")]


def test_short_bags_are_alike_by_chance_and_left_out() -> None:
    assert not list(count_repeats([example("a", words="baca juga berita"), example("b", words="baca juga berita")]))


def test_a_repeat_is_contrary_where_labels_differ() -> None:
    first = example("a", TEXT, labels=("awards",))

    (same,) = text_repeats([first, example("b", TEXT, labels=("awards",))])
    (other,) = text_repeats([first, example("b", TEXT, boilerplate=True)])

    assert (same.contrary, other.contrary) == (False, True)
