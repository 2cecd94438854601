"""Articles cut into paragraphs, with what an engine makes of them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Cut(NamedTuple):
    """Articles cut into paragraphs, all of them in one run, and what an engine makes of them.

    Attributes
    ----------
    ends : NDArray[np.int64], shape (2 * n_articles,)
        Where the paragraphs of each title and of each text end.
    places : NDArray[np.int64], shape (n_paragraphs, 3)
        Start and end of each, in code points of its field, and whether it is content: it has a letter or a digit, and
        is no furniture by `classifier.furniture`.
    logits : NDArray[np.float64], shape (n_paragraphs, n_outputs)
        Those of `Engine.logits`.
    strongest : NDArray[np.float64], shape (n_articles, n_themes)
        The highest logit among the content of each article; -inf where there is none.
    yes : NDArray[np.int64], shape (n_articles, n_themes)
        How many paragraphs of its content reach the theme's upper cut.
    n_content : NDArray[np.int64], shape (n_articles,)
        How many paragraphs of content it has.
    """

    ends: NDArray[np.int64]
    places: NDArray[np.int64]
    logits: NDArray[np.float64]
    strongest: NDArray[np.float64]
    yes: NDArray[np.int64]
    n_content: NDArray[np.int64]

    @classmethod
    def of_bytes(cls, columns: Sequence[bytes], n_outputs: int) -> "Cut":
        """Make it of the columns that the kernel writes, in the order above: counts in int64, logits in float64."""
        ends, places, yes, n_content = (np.frombuffer(columns[i], dtype=np.int64) for i in (0, 1, 4, 5))
        logits, strongest = (np.frombuffer(columns[i], dtype=np.float64) for i in (2, 3))
        shape = (len(n_content), n_outputs - 1)
        return cls(
            ends,
            places.reshape(-1, 3),
            logits.reshape(-1, n_outputs),
            strongest.reshape(shape),
            yes.reshape(shape),
            n_content,
        )
