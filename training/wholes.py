"""Whole articles: from judged paragraphs to the themes of the article, as the classifier puts them together."""

import re

import numpy as np
from numpy.typing import NDArray

from training.judgements import Judgements

# A paragraph of an article that was labelled whole is named <article>:<nn>.
_NUMBERED = re.compile(r".*:\d\d+")


def whole(judgements: Judgements) -> NDArray[np.bool_]:
    """Say which samples stand in articles that were labelled whole, line by line, of shape (n_samples,)."""
    return np.array([bool(_NUMBERED.fullmatch(name)) for name in judgements.ids], dtype=np.bool_)


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
