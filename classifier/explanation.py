"""Why a paragraph has its score: the addends of every logit, with the words that raised them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from classifier.features import MIN_WORD_CHARS, Counts, blocks
from classifier.model import Model
from classifier.reference import Walk
from classifier.results import Contribution


class _Span(NamedTuple):
    start: int
    end: int


def explain(model: Model, walk: Walk, text: str, themes: Sequence[str], offset: int = 0) -> tuple[Contribution, ...]:
    """List, for each of `themes`, the addends of its logit on `text`, which an engine has walked.

    A feature that occurs several times shares its weight among its places.  Offsets start at `offset`.
    """
    spans = _spans(model, walk)
    row = model.features.row(blocks(_counts(walk), model.lexicon))
    contributions: list[Contribution] = []
    for theme in themes:
        column = model.theme_ids.index(theme)
        absent = 0.0
        for index, value in zip(row.indices, row.values, strict=True):
            name = model.features.names[index]
            weight = float(value) * float(model.coef[index, column])
            if name.startswith("no_"):
                absent += weight
                continue
            if name.startswith("length:"):
                contributions.append(Contribution(theme, name, weight))
                continue
            places = spans[name]
            contributions += [
                Contribution(theme, name, weight / len(places), s.start + offset, s.end + offset, text[s.start : s.end])
                for s in places
            ]
        contributions.append(Contribution(theme, "absent", absent))
        contributions.append(Contribution(theme, "bias", float(model.intercept[column])))
    return tuple(contributions)


def _counts(walk: Walk) -> Counts:
    words = Counter(token.text for token in walk.tokens if len(token.text) >= MIN_WORD_CHARS)
    return Counts(words, Counter(match.name for match in walk.matches))


def _spans(model: Model, walk: Walk) -> dict[str, list[_Span]]:
    spans: dict[str, list[_Span]] = defaultdict(list)
    for token in walk.tokens:
        spans[f"word:{token.text}"].append(_Span(token.start, token.end))
    coarse = set(model.lexicon.coarse)
    for match in walk.matches:
        level = "coarse" if match.name in coarse else "fine"
        spans[f"{level}:{match.name}"].append(_Span(walk.tokens[match.start].start, walk.tokens[match.end - 1].end))
    return spans
