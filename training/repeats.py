"""Repeats: paragraphs that stand in the labels twice, and whether their labels contradict each other."""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

from training.duplicates import Duplicates, shingles
from training.labels import Example

# Shorter bags of words are alike by chance.
_MIN_BAG_WORDS = 8


@dataclass(frozen=True)
class Repeat:
    """Two examples with nearly one text; `second` stands later."""

    first: Example
    second: Example

    @property
    def contrary(self) -> bool:
        """Whether their labels differ."""
        return _answer(self.first) != _answer(self.second)

    @property
    def parted(self) -> bool:
        """Whether they belong to two articles, so that a split may part them."""
        return self.first.article != self.second.article


def _answer(example: Example) -> tuple[tuple[str, ...], bool]:
    return example.labels, example.boilerplate


def text_repeats(examples: Iterable[Example]) -> Iterator[Repeat]:
    """Yield the pairs of texts that are equal or nearly so; each id counts once."""
    by_id = {example.id: example for example in examples if example.text is not None}
    return _repeats(by_id, {name: shingles(example.text or "") for name, example in by_id.items()})


def count_repeats(examples: Iterable[Example]) -> Iterator[Repeat]:
    """Yield the pairs of records without texts whose counts of words are nearly the same; short ones are left out."""
    by_id = {example.id: example for example in examples if example.text is None}
    bags = {name: frozenset(f"{word} {n}" for word, n in e.counts.words.items()) for name, e in by_id.items()}
    return _repeats(by_id, {name: bag for name, bag in bags.items() if len(bag) >= _MIN_BAG_WORDS})


def _repeats(by_id: dict[str, Example], grams: dict[str, Set[str]]) -> Iterator[Repeat]:
    index = Duplicates()
    for name, mine in grams.items():
        yield from (Repeat(by_id[other], by_id[name]) for other in index.add(name, mine))
