"""Near-duplicates: texts that share most of their word 5-grams, found without comparing every pair."""

from collections.abc import Set

from datasketch import MinHash, MinHashLSH

from classifier.text import words

#: Two texts whose word 5-grams overlap more (Jaccard) are the same text twice.
MAX_JACCARD = 0.6
_SHINGLE_WORDS = 5
_N_PERMUTATIONS = 64
# Copied for each text: drawing the permutations anew takes longer than sketching a paragraph.
_BLANK = MinHash(num_perm=_N_PERMUTATIONS)


def shingles(text: str) -> frozenset[str]:
    """Return the word 5-grams of `text`, or its words together where it has fewer."""
    found = words(text)
    last = max(1, len(found) - _SHINGLE_WORDS + 1)
    return frozenset(" ".join(found[i : i + _SHINGLE_WORDS]) for i in range(last))


class Duplicates:
    """Sets of grams by name, to be asked which of them are nearly another.

    Grams are the `shingles` of a text; where only its counts are kept, its words.
    """

    def __init__(self) -> None:
        self._index = MinHashLSH(threshold=MAX_JACCARD - 0.1, num_perm=_N_PERMUTATIONS)
        self._grams: dict[str, Set[str]] = {}

    def like(self, grams: Set[str]) -> list[str]:
        """Return the names of those that are nearly `grams`, sorted."""
        return self._like(grams, _sketch(grams))

    def add(self, name: str, grams: Set[str]) -> list[str]:
        """Take in `grams` under a new name; return the names held before that are nearly the same, sorted."""
        sketch = _sketch(grams)
        found = self._like(grams, sketch)
        self._index.insert(name, sketch)
        self._grams[name] = grams
        return found

    def _like(self, grams: Set[str], sketch: MinHash) -> list[str]:
        return [
            other
            for other in sorted(self._index.query(sketch))
            if len(grams & self._grams[other]) > MAX_JACCARD * len(grams | self._grams[other])
        ]


def _sketch(grams: Set[str]) -> MinHash:
    sketch = _BLANK.copy()
    sketch.update_batch([gram.encode(errors="surrogatepass") for gram in grams])
    return sketch
