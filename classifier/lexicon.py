"""Hand-made word classes: what a paragraph speaks of when its single words don't say it plainly enough.

A lexicon has two levels.  A coarse class (``civil_servant``) holds fine classes (``asn_status``), a fine class holds
entries: one to four folded words, each with an optional ``*`` at its end for any ending.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

MAX_ENTRY_WORDS = 4
# News keeps coming back to the same words; a bound keeps a hostile stream from growing the memory.
_CACHED_WORDS = 1 << 16


class Match(NamedTuple):
    """An occurrence of a class: words ``start`` up to, not including, ``end``."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Lexicon:
    """Word classes and the matching of their entries.

    Parameters
    ----------
    classes : mapping of str to mapping of str to sequence of str
        Coarse class → fine class → entries.  Names are unique over both levels.
    """

    classes: Mapping[str, Mapping[str, Sequence[str]]]

    @classmethod
    def from_json(cls, text: str) -> "Lexicon":
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError
            If `text` is no lexicon.
        """
        classes = json.loads(text)
        if not _is_lexicon(classes):
            raise ValueError("not a lexicon: classes of classes of lists of entries expected")
        return cls(classes)

    def to_json(self) -> str:
        """Write the lexicon in its canonical form: equal lexicons give equal text."""
        canonical = {
            coarse: {fine: sorted(entries) for fine, entries in sorted(fines.items())}
            for coarse, fines in sorted(self.classes.items())
        }
        return json.dumps(canonical, ensure_ascii=False, separators=(",", ":"))

    @cached_property
    def version(self) -> str:
        """SHA-256 of the canonical form, in hex."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    @cached_property
    def coarse(self) -> tuple[str, ...]:
        """Names of the coarse classes, sorted."""
        return tuple(sorted(self.classes))

    @cached_property
    def fine(self) -> tuple[str, ...]:
        """Names of the fine classes, sorted."""
        return tuple(sorted(name for fines in self.classes.values() for name in fines))

    def count(self, words: Sequence[str]) -> dict[str, int]:
        """Count the matches of each class that occurs in `words`, coarse and fine."""
        return dict(Counter(match.name for match in self.matches(words)))

    def matches(self, words: Sequence[str]) -> list[Match]:
        """Find the occurrences of every class, leftmost first and longest first, without overlap within a class."""
        free_from: dict[str, int] = {}
        found = []
        patterns = [self._patterns_of(word) for word in words]
        for start, first in enumerate(patterns):
            if not first:
                continue
            for name, end in self._longest(patterns, start).items():
                if start >= free_from.get(name, 0):
                    free_from[name] = end
                    found.append(Match(name, start, end))
        return found

    def _longest(self, patterns: Sequence[tuple[str, ...]], start: int) -> dict[str, int]:
        longest: dict[str, int] = {}
        nodes = [self._trie]
        for position in range(start, min(start + MAX_ENTRY_WORDS, len(patterns))):
            nodes = [child for node in nodes for p in patterns[position] if (child := node.children.get(p))]
            if not nodes:
                break
            for node in nodes:
                for name in node.names:
                    longest[name] = position + 1
        return longest

    @cached_property
    def _trie(self) -> "_Node":
        root = _Node()
        for coarse, fines in self.classes.items():
            for fine, entries in fines.items():
                for entry in entries:
                    root.add(entry.split(), (coarse, fine))
        return root

    @cached_property
    def _stems(self) -> "_Stems":
        return _Stems(
            word for fines in self.classes.values() for es in fines.values() for e in es for word in e.split()
        )

    @cached_property
    def _patterns_of(self) -> Callable[[str], tuple[str, ...]]:
        return lru_cache(maxsize=_CACHED_WORDS)(self._stems.patterns)


def _is_lexicon(classes: object) -> bool:
    if not isinstance(classes, dict) or not all(isinstance(fines, dict) for fines in classes.values()):
        return False
    lists = [entries for fines in classes.values() for entries in fines.values()]
    return all(isinstance(entries, list) and {str}.issuperset(map(type, entries)) for entries in lists)


class _Node:
    """A place in the trie of entries: what may follow, and the classes of the entries that end here."""

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.names: tuple[str, ...] = ()

    def add(self, patterns: Sequence[str], names: tuple[str, ...]) -> None:
        node = self
        for pattern in patterns:
            node = node.children.setdefault(pattern, _Node())
        node.names = tuple(dict.fromkeys((*node.names, *names)))


class _Stems:
    """All word patterns of a lexicon, to find those that a word fits."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = frozenset(patterns)
        self._lengths = sorted({len(p) - 1 for p in self._patterns if p.endswith("*")})

    def patterns(self, word: str) -> tuple[str, ...]:
        """List the patterns that `word` fits: itself and each ``stem*`` that it begins with."""
        return tuple(pattern for pattern in self._candidates(word) if pattern in self._patterns)

    def _candidates(self, word: str) -> Iterator[str]:
        yield word
        for length in self._lengths:
            if length > len(word):
                return
            yield word[:length] + "*"
