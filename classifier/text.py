"""The one contract on text: how characters are folded and where tokens begin and end.

Training, serving and the compiled kernel all follow this page.  Folding is a table from one code point to a short
string, so it is linear in the length of the text whatever the text holds: whole-string Unicode normalisation is
quadratic on long runs of combining marks in the Python versions that we support.
"""

import re
import unicodedata
from typing import NamedTuple

_TOKEN = re.compile(r"\w+")
#: Longer compatibility expansions (U+FDFA has 18 characters) are kept as they are: folding must not blow a text up.
_MAX_EXPANSION = 4
_DROPPED = {"Mn", "Me", "Cf"}


class _FoldTable(dict[int, str]):
    """Folds of code points, worked out when first met."""

    def __missing__(self, code_point: int) -> str:
        folded = _fold_character(chr(code_point))
        self[code_point] = folded
        return folded


def _fold_character(character: str) -> str:
    decomposed = unicodedata.normalize("NFKD", character)
    if len(decomposed) > _MAX_EXPANSION:
        decomposed = character
    kept = "".join(c for c in decomposed.lower() if unicodedata.category(c) not in _DROPPED)
    return kept.replace("_", " ")


_FOLDS = _FoldTable()


class Token(NamedTuple):
    """A folded word and where it stands in the text as given.

    Attributes
    ----------
    text : str
        The folded word: letters and digits only.
    start, end : int
        Code-point offsets into the text as given; ``text[start:end]`` is the word as written.
    """

    text: str
    start: int
    end: int


def unsound(text: str) -> str | None:
    """Say what `text` holds that not every reader can keep, a NUL or half a surrogate pair; None where it is sound."""
    # A surrogate is all that UTF-8 can't hold; and bytes are looked through in a twentieth of the time that a str of
    # wide characters takes.
    try:
        return "holds a NUL" if b"\0" in text.encode() else None
    except UnicodeEncodeError:
        return "holds half a surrogate pair"


def fold(text: str) -> str:
    """Lower-case `text`, strip accents, marks and invisible characters, and turn compatibility forms into plain ones.

    A composed and a decomposed spelling fold to the same string, as do full-width and ordinary letters.
    """
    if text.isascii():
        return text.lower().replace("_", " ")
    return text.translate(_FOLDS)


def words(text: str) -> list[str]:
    """List the folded words of `text` in order, single characters included."""
    return _TOKEN.findall(fold(text))


def tokens(text: str) -> list[Token]:
    """List the words of `text` in order, each with its place; ``[t.text for t in tokens(s)] == words(s)``."""
    folded = fold(text)
    places = _places(text, folded)
    return [Token(m.group(), places[m.start()], places[m.end() - 1] + 1) for m in _TOKEN.finditer(folded)]


def _places(text: str, folded: str) -> "list[int] | range":
    """Map each character of `folded` to the place in `text` it came from."""
    if text.isascii():
        return range(len(folded))
    return [place for place, character in enumerate(text) for _ in _FOLDS[ord(character)]]
