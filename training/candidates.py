"""Candidates: those paragraphs of an archive that may be asked for, few enough to hold however large it is."""

import hashlib
from collections.abc import Collection, Iterator, Sequence, Set
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from classifier import Classifier
from classifier.article import paragraphs
from training.archive.documents import Document
from training.choice import Pool, doubts
from training.duplicates import shingles

#: Held for each paragraph asked for: this many with the lowest draws, and as many nearest to each theme's cut.
HELD_PER_PICK = 20
_NAME_CHARS = 12


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paragraph without a label.

    Attributes
    ----------
    id, article : str
        ``<article>#<hash of the text>``, so that no two texts share it where articles share theirs; ``<article>:<nn>``
        is a line of an article that was labelled whole.
    text : str
        The paragraph.
    meta : dict of str to str
        What the archive tells of the article: ``date``, ``outlet``, ``url``.
    draw : float
        A random number in [0, 1) that follows from the text: the same text draws the same, wherever it stands.
    """

    id: str
    article: str
    text: str
    meta: dict[str, str]
    draw: float

    @property
    def place(self) -> tuple[str, list[tuple[str, str]]]:
        """Where it stands: of the places of one text the first in this order is held, in whatever order they come."""
        return self.article, sorted(self.meta.items())


def draw(text: str, seed: int) -> float:
    """Return the random number in [0, 1) of a text; `seed` fits into 64 bits."""
    digest = hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8, salt=seed.to_bytes(8, "big")).digest()
    return (int.from_bytes(digest, "big") >> 11) / 2**53


def _name(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_NAME_CHARS]


@dataclass
class Candidates:
    """What is held of an archive while it is read.

    Attributes
    ----------
    n : int
        Paragraphs that will be asked for.
    seed : int
        Another one gives other draws.
    known_ids : set of str
        Paragraphs, as candidates or as lines of whole articles, and articles that are labelled already: never held.
    known_texts : collection of str
        Texts that are labelled already: never held either.
    seen : int
        Paragraphs read that were not known.
    """

    classifier: Classifier
    n: int
    seed: int
    known_ids: Set[str]
    known_texts: Collection[str]
    seen: int = 0
    _held: dict[float, tuple[Candidate, NDArray[np.float64]]] = field(default_factory=dict)

    def add(self, documents: Sequence[Document]) -> None:
        """Score the paragraphs of `documents` and hold those that may be asked for."""
        found = [c for document in documents for c in self._candidates(document)]
        self.seen += len(found)
        logits = self.classifier.logits([candidate.text for candidate in found])
        for candidate, row in zip(found, logits, strict=True):
            held, _ = self._held.get(candidate.draw, (candidate, row))
            self._held[candidate.draw] = min(held, candidate, key=lambda one: one.place), row
        if len(self._held) > 2 * self.n * HELD_PER_PICK * logits.shape[1]:
            self._let_go()

    def _candidates(self, document: Document) -> Iterator[Candidate]:
        if document.id in self.known_ids:
            return
        article = document.id or _name(document.text)
        meta = {name: value for name, value in document.kept.items() if value}
        for number, paragraph in enumerate(paragraphs(document.text)):
            text = paragraph.text
            name, line = f"{article}#{_name(text)}", f"{article}:{number:02}"
            known = not self.known_ids.isdisjoint((name, line)) or text in self.known_texts
            if any(map(str.isalnum, text)) and not known:
                yield Candidate(name, article, text, meta, draw(text, self.seed))

    def _let_go(self) -> None:
        """Hold on to the lowest draws and to what is nearest to each theme's cut; equally near, to the lowest draws."""
        held = [self._held[draw] for draw in sorted(self._held)]
        near = doubts(np.array([row for _, row in held]), self.classifier.model.cuts)
        measures = np.column_stack([[c.draw for c, _ in held], near])
        kept = np.argsort(measures, axis=0, kind="stable")[: self.n * HELD_PER_PICK]
        self._held = {held[i][0].draw: held[i] for i in np.unique(kept).tolist()}

    def pool(self) -> tuple[tuple[Candidate, ...], Pool]:
        """Return the candidates in the order of their draws and, row by row, the pool to choose from."""
        self._let_go()
        held = tuple(candidate for candidate, _ in self._held.values())
        return held, Pool(
            themes=self.classifier.themes,
            logits=np.array([row for _, row in self._held.values()]).reshape(len(held), -1),
            cuts=self.classifier.model.cuts,
            draws=np.array([candidate.draw for candidate in held]),
            articles=np.array([candidate.article for candidate in held], dtype=np.str_),
            outlets=np.array([candidate.meta.get("outlet", "") for candidate in held], dtype=np.str_),
            grams=[shingles(candidate.text) for candidate in held],
        )
