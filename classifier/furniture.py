"""Furniture of a page among the lines of an article: what a line says, and what the lines around it say.

The headline of another story reads like content.  It is told from it by where it stands, among furniture, and by
standing there twice.  ``_kernel_furniture.h`` is the compiled twin.
"""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: The last character of a line that is a sentence.
_SENTENCE_ENDS = ".!?…\"'”’"


def repeated(lines: Sequence[str]) -> list[bool]:
    """Say which lines of an article stand in it more than once, as headlines and prompts do.

    Neither its first line, the title, which pages show twice, nor a sentence: an article pasted twice stays content.
    """
    counts = Counter(lines)
    return [counts[line] > 1 and line != lines[0] and line[-1] not in _SENTENCE_ENDS for line in lines]


def find_repeated(logits: Floats, ends: NDArray[np.int64], line: Callable[[int], str]) -> Bools:
    """Say which lines of several articles are `repeated`, of shape (n_lines,); `logits` and `ends` as in `neighbours`.

    `line` gives the text of a line by its number.  Equal lines have equal logits: the lines of most articles differ in
    theirs and aren't asked for.
    """
    owners = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
    order = np.lexsort((logits, owners))
    twice = (np.diff(logits[order]) == 0) & (np.diff(owners[order]) == 0)
    found = np.zeros(len(logits), dtype=np.bool_)
    for article in np.unique(owners[order][1:][twice]).tolist():
        start, end = int(ends[article - 1]) if article else 0, int(ends[article])
        found[start:end] = repeated([line(number) for number in range(start, end)])
    return found


def neighbours(logits: Floats, ends: NDArray[np.int64]) -> Floats:
    """Return the mean logit of the lines before and after each line, of shape (n_lines,); a missing one counts as 0.

    Parameters
    ----------
    logits : ndarray of float64, shape (n_lines,)
        The boilerplate logits of the lines of several articles, one article after the other.
    ends : ndarray of int64, shape (n_articles,)
        Where the lines of each article end.
    """
    inside = np.ones(len(logits) + 1)
    inside[0] = inside[ends] = 0.0
    padded = np.concatenate([[0.0], logits, [0.0]])
    return np.asarray(0.5 * (padded[:-2] * inside[:-1] + padded[2:] * inside[1:]))


def furniture(
    logits: Floats, ends: NDArray[np.int64], is_repeated: Bools, cut: float, context: NDArray[np.float32]
) -> Bools:
    """Decide which lines are furniture, of shape (n_lines,); `logits` and `ends` as in `neighbours`.

    Parameters
    ----------
    is_repeated : ndarray of bool, shape (n_lines,)
        What `repeated` says of each line.
    cut : float
        Where a line on its own is furniture; an article of one line is judged so.
    context : ndarray of float32, shape (3,)
        What the mean of its neighbours weighs, what being repeated adds, and how far the cut moves in an article.
    """
    neighbour, repeat, shift = context.tolist()
    alone = np.repeat(sizes := np.diff(ends, prepend=0), sizes) == 1
    in_article = logits + neighbour * neighbours(logits, ends) + repeat * is_repeated
    return np.where(alone, logits, in_article - shift) >= cut
