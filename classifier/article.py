"""From an article to its paragraphs: lines, and sentences where a line is too long to be one paragraph."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

#: Scraped articles often stand on one line.  The labelled paragraphs that the model learns from have at most
#: 194 words, nine in ten at most 87, so a longer line is cut into runs of whole sentences of about that length.
MAX_WORDS = 90

_LINE = re.compile(r"[^\r\n\v\f\x85\u2028\u2029]+")
# A sentence ends at . ! or ? with its closing quotes, before white space and a capital, a digit or an opening quote.
_SENTENCE_END = re.compile(r"[.!?][\"'”’)\]]{0,3}\s+(?=[\"'“‘(\[]{0,2}[A-Z0-9])")


class Paragraph(NamedTuple):
    """A stretch of an article.

    Attributes
    ----------
    start, end : int
        Code-point offsets into the field as given.
    text : str
        The stretch itself, without white space at its ends.
    """

    start: int
    end: int
    text: str


def paragraphs(article: str) -> list[Paragraph]:
    """Cut `article` into paragraphs, in order, without overlap.

    Every character that is not white space belongs to exactly one paragraph.
    """
    return [piece for line in _LINE.finditer(article) for piece in _pieces(article, line)]


def _pieces(article: str, line: re.Match[str]) -> Iterable[Paragraph]:
    # Most lines are one paragraph as they stand: a quarter of the time that looking for sentences takes.
    if len(line.group().split()) <= MAX_WORDS:
        return _paragraph(line.start(), line.group())
    runs = _runs_of_sentences(article, line.start(), line.end())
    return (paragraph for start, end in runs for paragraph in _paragraph(start, article[start:end]))


def _paragraph(start: int, piece: str) -> tuple[Paragraph, ...]:
    """Trim a piece that begins at `start`; nothing where it is all white space."""
    text = piece.strip()
    if not text:
        return ()
    start += len(piece) - len(piece.lstrip())
    return (Paragraph(start, start + len(text), text),)


def _runs_of_sentences(article: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    run_start, run_words = start, 0
    sentence_start = start
    for boundary in (*(m.end() for m in _SENTENCE_END.finditer(article, start, end)), end):
        n_words = len(article[sentence_start:boundary].split())
        if run_words and run_words + n_words > MAX_WORDS:
            yield run_start, sentence_start
            run_start, run_words = sentence_start, 0
        run_words += n_words
        sentence_start = boundary
    yield run_start, end
