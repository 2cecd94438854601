"""The choice of what to label next: doubt near the cuts with a quota a theme, spread out, and a share at random."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from training.duplicates import Duplicates

#: Why a paragraph was picked, where no theme was the reason.
RANDOM = "random"
#: The share drawn at random where nothing is said: what it costs in labels stands in docs/sampling.md.
RANDOM_SHARE = 0.2
#: No article and no outlet gets more than this many times its even share of the picks, an article three in any case.
MAX_SHARES = 2
_ARTICLE_PICKS = 3


@dataclass(frozen=True)
class Pool:
    """Paragraphs without labels, as the model at hand scores them.

    Attributes
    ----------
    themes : tuple of str
        Theme ids.
    logits : ndarray of float64, shape (n_paragraphs, n_themes + 1)
        Calibrated; the last column is boilerplate.
    cuts : ndarray of float32, shape (n_themes + 1, 2)
        No below the first, yes from the second.
    draws : ndarray of float64, shape (n_paragraphs,)
        A random number each in [0, 1): the lowest are the random share.
    articles, outlets : ndarray of str, shape (n_paragraphs,)
        Where they stand; an outlet is empty where unknown.
    grams : sequence of set of str
        What near-duplicates are told by; see `Duplicates`.
    """

    themes: tuple[str, ...]
    logits: NDArray[np.float64]
    cuts: NDArray[np.float32]
    draws: NDArray[np.float64]
    articles: NDArray[np.str_]
    outlets: NDArray[np.str_]
    grams: Sequence[Set[str]]


@dataclass(frozen=True, slots=True)
class Pick:
    """A paragraph to label: its row in the pool, and a theme that the model is in doubt on, or `RANDOM`."""

    row: int
    reason: str


def doubts(logits: NDArray[np.float64], cuts: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return how far each theme's logit lies from its upper cut, of shape (n_paragraphs, n_themes); small is doubt.

    What the model holds for page furniture has no themes to be in doubt of: infinity.
    """
    furniture = logits[:, -1:] >= cuts[-1, 1]
    return np.where(furniture, np.inf, np.abs(logits[:, :-1] - cuts[:-1, 1]))


def choose(pool: Pool, n: int, random_share: float = RANDOM_SHARE, known: Iterable[Set[str]] = ()) -> list[Pick]:
    """Choose `n` paragraphs of `pool`, fewer where it has no more that differ.

    First the random share, whatever it holds, so that what is measured on it holds for the whole pool.  Then themes
    take turns: each picks the paragraph nearest to its cut that is no near-duplicate of one seen before or `known`, and
    whose article and outlet have room.
    """
    spread = _Spread(pool, n, known)
    picks = [Pick(row, RANDOM) for row in np.argsort(pool.draws, kind="stable")[: round(n * random_share)].tolist()]
    for pick in picks:
        spread.take(pick.row)
    nearest = np.argsort(doubts(pool.logits, pool.cuts), axis=0, kind="stable").T.tolist()
    turns = deque((theme, iter(rows)) for theme, rows in zip(pool.themes, nearest, strict=True))
    while turns and len(picks) < n:
        theme, rows = turns.popleft()
        row = next(filter(spread.has_room, rows), None)
        if row is None:
            continue
        spread.take(row)
        picks.append(Pick(row, theme))
        turns.append((theme, rows))
    return picks


class _Spread:
    """What was picked so far, and whether a further paragraph differs enough from it."""

    def __init__(self, pool: Pool, n: int, known: Iterable[Set[str]]) -> None:
        self._pool = pool
        self._taken: set[int] = set()
        self._groups = (
            _Group(pool.articles, n, at_least=_ARTICLE_PICKS),
            _Group(pool.outlets, n),
        )
        self._texts = Duplicates()
        for number, grams in enumerate(known):
            self._texts.add(f"known {number}", grams)

    def has_room(self, row: int) -> bool:
        if row in self._taken or any(group.is_full(row) for group in self._groups):
            return False
        return not self._texts.like(self._pool.grams[row])

    def take(self, row: int) -> None:
        self._taken.add(row)
        self._texts.add(str(row), self._pool.grams[row])
        for group in self._groups:
            group.add(row)


class _Group:
    """How many were picked of each article, or of each outlet."""

    def __init__(self, names: NDArray[np.str_], n: int, at_least: int = 1) -> None:
        _, inverse = np.unique(names, return_inverse=True)
        self._numbers: list[int] = inverse.tolist()
        self._picked: Counter[int] = Counter()
        self._room = max(at_least, ceil(MAX_SHARES * n / (max(self._numbers, default=0) + 1)))

    def is_full(self, row: int) -> bool:
        return self._picked[self._numbers[row]] >= self._room

    def add(self, row: int) -> None:
        self._picked[self._numbers[row]] += 1
