"""Reading the model in a terminal: an article with the words that decided, and the heaviest terms of a theme."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import click
import numpy as np

from classifier import Classifier
from classifier.errors import InputRejectedError
from classifier.features import LENGTHS
from classifier.html import article_text
from classifier.model import BOILERPLATE, Model
from classifier.results import ArticleResult, ParagraphResult

#: One colour a theme, in theme order.
_COLOURS = ("blue", "green", "red", "magenta", "yellow", "cyan")
#: Words that add less to the logit are left plain; a yes takes some 3 above the bias.
MIN_SHOWN = 0.3
# Entries of a word class shown with its name.
_N_ENTRIES = 3


@dataclass(frozen=True)
class Term:
    """A term of the model, by a readable name, and its weight for one output."""

    name: str
    weight: float


def read_article(path: Path) -> str:
    """Read the text of an article, or that of the article on a page where the file is one.

    Raises
    ------
    InputRejectedError
        If the file cannot be read or is not UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise InputRejectedError(f"input: {path} is no readable text in UTF-8; name another file") from err
    return article_text(text) if path.suffix.lower() in {".html", ".htm"} else text


def show(classifier: Classifier, text: str, colour: bool) -> str:
    """Render an article: its themes, then each paragraph with the words that spoke for what it is answered.

    With `colour`, words bear the colour of their theme; without, they stand in brackets.
    """
    result = classifier.classify(text, explain=True)
    head = [_headline(result, classifier, colour)]
    return "\n\n".join(head + [_paragraph(p, text, classifier, colour) for p in result.paragraphs])


def _headline(result: ArticleResult, classifier: Classifier, colour: bool) -> str:
    labels = sorted(result.labels, key=lambda label: -label.score)
    shown = (f"{_style(label.label, label.label, classifier, colour)} {label.score:.2f} {label.decision}"
             for label in labels)  # fmt: skip
    return f"model {result.model}\n{' · '.join(shown)}" + ("\nno content was found" if result.empty else "")


def _paragraph(paragraph: ParagraphResult, text: str, classifier: Classifier, colour: bool) -> str:
    if paragraph.boilerplate:
        piece = text[paragraph.start : paragraph.end]
        return f"(furniture) {click.style(piece, dim=True) if colour else piece}"
    notes = [f"{_style(theme, theme, classifier, colour)} {score:.2f}{'' if decision == 'yes' else ' ?'}"
             for theme, score, decision in paragraph.rows if decision != "no"]  # fmt: skip
    return (f"[{', '.join(notes)}] " if notes else "") + _highlight(paragraph, text, classifier, colour)


def _highlight(paragraph: ParagraphResult, text: str, classifier: Classifier, colour: bool) -> str:
    length = paragraph.end - paragraph.start
    # Where something is answered yes, its words alone are shown; else those of what is in review.
    themes = paragraph.themes or classifier.themes
    weights = np.zeros((len(classifier.themes), length))
    for addend in paragraph.evidence or ():
        if addend.theme in themes and addend.start is not None and addend.end is not None:
            column = classifier.themes.index(addend.theme)
            weights[column, addend.start - paragraph.start : addend.end - paragraph.start] += addend.weight
    # Each character goes to the theme that it speaks for most; a stretch ends where that changes.
    owners = np.where(weights.max(axis=0) >= MIN_SHOWN, weights.argmax(axis=0), -1)
    edges = [0, *(np.flatnonzero(np.diff(owners)) + 1).tolist(), length]
    pieces = []
    for start, end in pairwise(edges):
        piece = text[paragraph.start + start : paragraph.start + end]
        owner = int(owners[start])
        pieces.append(piece if owner < 0 else _style(piece, classifier.themes[owner], classifier, colour, mark=True))
    return "".join(pieces)


def _style(text: str, theme: str, classifier: Classifier, colour: bool, *, mark: bool = False) -> str:
    if not colour:
        return f"[{text}]" if mark else text
    return click.style(text, fg=_COLOURS[classifier.themes.index(theme) % len(_COLOURS)], bold=True)


def heaviest_terms(model: Model, output: str, n: int) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Return the `n` terms that speak most for `output`, a theme or boilerplate, and the `n` most against it.

    A term weighs what it adds to the logit of a paragraph of which it is the whole of its block (words, classes, …).

    Raises
    ------
    InputRejectedError
        If the model has no such output.
    """
    outputs = (*model.theme_ids, BOILERPLATE)
    if output not in outputs:
        raise InputRejectedError(f"input: no theme {output!r}; there are {', '.join(outputs)}")
    weights = model.coef[:, outputs.index(output)]
    order = np.argsort(-weights, kind="stable").tolist()
    ranked = [
        Term(readable(model, model.features.names[i]), float(weights[i])) for i in (*order[:n], *order[-n:][::-1])
    ]
    return tuple(ranked[:n]), tuple(ranked[n:])


def readable(model: Model, name: str) -> str:
    """Return a term as one reads it: a word in quotes, a class with some of its entries."""
    block, _, term = name.partition(":")
    if block == "word":
        return f"“{term}”"
    if block == "length":
        longer = [length for length in LENGTHS if length > int(term)]
        return f"{term} to {longer[0] - 1} words long" if longer else f"{term} words long or longer"
    if block == "no_coarse":
        return f"no word of {term}"
    classes = model.lexicon.classes
    entries = sorted(classes[term]) if term in classes else [
        entry for fines in classes.values() for entry in fines.get(term, ())]  # fmt: skip
    return f"{term} ({', '.join(entries[:_N_ENTRIES])}{', …' if len(entries) > _N_ENTRIES else ''})"
