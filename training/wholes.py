"""Whole articles: their lines in order, and from judged paragraphs to the themes of the article."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.judgements import Judgements
from training.labels import Example, line_number


@dataclass(frozen=True)
class Lines:
    """The lines of the articles that were labelled whole, one article after the other.

    Attributes
    ----------
    rows : ndarray of int, shape (n_lines,)
        Which example each line is.
    ends : ndarray of int64, shape (n_articles,)
        Where the lines of each article end.
    repeated : ndarray of bool, shape (n_lines,)
        Whether the line stands in its article more than once.
    """

    rows: NDArray[np.intp]
    ends: NDArray[np.int64]
    repeated: NDArray[np.bool_]


def find_lines(examples: Sequence[Example]) -> Lines:
    """Find the lines of whole articles among `examples`."""
    numbers = (line_number(example.id, example.article) for example in examples)
    found = sorted((examples[row].article, n, row) for row, n in enumerate(numbers) if n is not None)
    rows = np.array([row for _, _, row in found], dtype=np.intp)
    _, sizes = np.unique([article for article, _, _ in found], return_counts=True)
    return Lines(rows, np.cumsum(sizes, dtype=np.int64), np.array([examples[row].repeated for row in rows], np.bool_))


def whole(judgements: Judgements) -> NDArray[np.bool_]:
    """Say which samples stand in articles that were labelled whole, line by line, of shape (n_samples,)."""
    numbers = map(line_number, judgements.ids, judgements.articles)
    return np.array([number is not None for number in numbers], dtype=np.bool_)


def by_article(judgements: Judgements) -> Judgements:
    """Put the paragraphs of each article together, as `Classifier.classify` does.

    An article carries the themes that its content carries.  It is answered what its strongest paragraph is answered,
    among those that are not held for furniture.  The last output, boilerplate, is left out.
    """
    furniture = judgements.decisions[:, -1]
    names, themes = np.unique(judgements.articles), judgements.themes
    logits = np.where(furniture[:, None], -np.inf, judgements.logits)[:, themes]
    gold, strongest, decisions, reviews = [], [], [], []
    for name in names:
        rows = np.flatnonzero(judgements.articles == name)
        best = rows[np.argmax(logits[rows], axis=0)]
        empty = furniture[rows].all()
        gold.append(judgements.Y[rows][:, themes].any(axis=0))
        # Far below every cut, yet finite: an article without content has score 0.
        strongest.append(np.full(len(themes), -50.0) if empty else judgements.logits[best, themes])
        decisions.append(judgements.decisions[best, themes] & ~empty)
        reviews.append(judgements.reviews[best, themes] & ~empty)
    return Judgements(
        names=tuple(judgements.names[k] for k in themes),
        ids=names,
        articles=names,
        Y=np.array(gold),
        logits=np.array(strongest),
        decisions=np.array(decisions),
        reviews=np.array(reviews),
    )
