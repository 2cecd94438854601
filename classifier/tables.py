"""What the compiled kernel is made of: the tables of a model, or of a lexicon alone, as it reads them.

It takes folds from `classifier.text` page by page, so that there is one definition of them.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from classifier.errors import LabelsRejectedError, ModelRejectedError
from classifier.features import LENGTHS, Features
from classifier.lexicon import Lexicon
from classifier.model import Model
from classifier.text import fold

try:
    from classifier import _kernel as compiled
except ImportError:  # no compiler at install time: the extension is optional
    compiled = None  # type: ignore[assignment]

__all__ = ["classes", "compiled", "of_lexicon", "of_model"]

_NONE = np.uint32(0xFFFFFFFF)


def of_model(model: Model) -> "compiled.Kernel":
    """Make a kernel that scores with `model`.

    Raises
    ------
    ModelRejectedError
        If the kernel has no room for it.
    """
    terms = model.features.terms[0]
    # Frequent words first: what most texts need then lies close together.
    order = np.argsort(model.features.idf[: len(terms)], kind="stable")
    rows = np.concatenate([order, np.arange(len(terms), len(model.features))])
    names = classes(model.lexicon)
    try:
        return compiled.Kernel(
            fold_page=_fold_page,
            words=_bytes([terms[i] for i in order.tolist()]),
            n_words=len(terms),
            classes=_entries(model.lexicon, names),
            n_coarse=len(model.lexicon.coarse),
            coef=model.coef[rows],
            idf=model.features.idf[rows],
            intercept=np.ascontiguousarray(model.intercept),
            class_rows=_class_rows(model.features, model.lexicon, names),
            lengths=_length_rows(model.features),
        )
    except ValueError as err:
        raise ModelRejectedError(f"model: {err}") from err


def of_lexicon(lexicon: Lexicon) -> "compiled.Kernel":
    """Make a kernel that counts words and the classes of `lexicon`.

    Raises
    ------
    LabelsRejectedError
        If the kernel has no room for it.
    """
    names = classes(lexicon)
    no_weights = np.empty(0, dtype=np.float32)
    try:
        return compiled.Kernel(
            fold_page=_fold_page,
            words=b"",
            n_words=0,
            classes=_entries(lexicon, names),
            n_coarse=len(lexicon.coarse),
            coef=no_weights,
            idf=no_weights,
            intercept=no_weights,
            class_rows=np.full((len(names), 3), _NONE, dtype=np.uint32),
            lengths=np.empty((0, 2), dtype=np.uint32),
        )
    except ValueError as err:
        raise LabelsRejectedError(f"lexicon: {err}") from err


def classes(lexicon: Lexicon) -> tuple[str, ...]:
    """Return the classes in the order of their numbers, the coarse ones first."""
    return tuple(dict.fromkeys((*lexicon.coarse, *lexicon.fine)))


def _entries(lexicon: Lexicon, names: tuple[str, ...]) -> tuple[tuple[int, int, bytes], ...]:
    number = {name: i for i, name in enumerate(names)}
    return tuple(
        (number[coarse], number[fine], _lines(entries))
        for coarse, fines in lexicon.classes.items()
        for fine, entries in fines.items()
    )


def _lines(entries: Sequence[str]) -> bytes:
    """Return entries a line each; the kernel parts their words where ASCII's white space stands."""
    lines = "\n".join(entries)
    if lines.isascii() and lines.count("\n") < len(entries):
        return lines.encode()
    return _bytes([" ".join(entry.split()) for entry in entries])


def _bytes(lines: Sequence[str]) -> bytes:
    return "\n".join(lines).encode(errors="surrogatepass")


def _class_rows(features: Features, lexicon: Lexicon, classes: tuple[str, ...]) -> NDArray[np.uint32]:
    """Return the rows of each class as a coarse one, a fine one and an absent one, of shape (n_classes, 3)."""
    rows = np.full((len(classes), 3), _NONE, dtype=np.uint32)
    for column, (block, names) in enumerate(((1, lexicon.coarse), (2, lexicon.fine), (3, lexicon.coarse))):
        index, known = _index(features, block), set(names)
        for i, name in enumerate(classes):
            if name in known:
                rows[i, column] = index.get(name, _NONE)
    return rows


def _length_rows(features: Features) -> NDArray[np.uint32]:
    """Return where each class of length begins and its row, of shape (n_lengths, 2)."""
    index = _index(features, 4)
    return np.array([(start, index.get(str(start), _NONE)) for start in LENGTHS], dtype=np.uint32)


def _index(features: Features, block: int) -> dict[str, int]:
    start = sum(map(len, features.terms[:block]))
    return {term: start + i for i, term in enumerate(features.terms[block])}


@cache
def _fold_page(page: int) -> bytes:
    """Return the folds of a page of code points as the kernel keeps them: a length and 16 bytes of UTF-8 each."""
    first = page * compiled.PAGE_SIZE
    return b"".join(map(_fold_bytes, range(first, first + compiled.PAGE_SIZE)))


def _fold_bytes(code_point: int) -> bytes:
    # Whatever is no letter or digit parts words, for which the kernel has the NUL byte.
    folded = b"".join(c.encode() if c.isalnum() else b"\0" for c in fold(chr(code_point)))
    return bytes([len(folded)]) + folded.ljust(compiled.FOLD_BYTES, b"\0")
