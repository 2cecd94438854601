"""The label linter: everything about labels and word classes that a program can see is wrong."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from classifier.errors import LabelsRejectedError
from classifier.lexicon import MAX_ENTRY_WORDS
from classifier.text import words
from training.codebook import Codebook
from training.fit import MIN_POSITIVES
from training.labels import Example, Labels
from training.repeats import text_repeats

_MAX_SHOWN = 20
_DAMAGE = ("\ufffd", "Ã©", "â€", "\x00")


def check(labels: Labels) -> None:
    """Refuse labels that break a rule.

    Raises
    ------
    LabelsRejectedError
        Naming up to twenty of the places and what is wrong with each.
    """
    problems = list(problems_of(labels))
    if problems:
        shown = "\n  ".join(problems[:_MAX_SHOWN])
        raise LabelsRejectedError(f"labels: {len(problems)} to mend:\n  {shown}")


def problems_of(labels: Labels) -> Iterator[str]:
    """Yield every broken rule, one line each: where it stands and what is wrong."""
    yield from lexicon_problems(labels.codebook)
    yield from _id_problems(labels.examples)
    for example in labels.examples:
        yield from (f"{example.where}: {what}" for what in example_problems(example, labels.codebook))
    yield from _thin_themes(labels)
    yield from _repeated_texts(labels)


def example_problems(example: Example, codebook: Codebook) -> Iterator[str]:
    """Yield what is wrong with one example by itself."""
    known = codebook.theme_ids
    for theme in sorted(set(example.labels) - set(known)):
        yield f"unknown theme {theme!r}; themes are {', '.join(known)}"
    if list(example.labels) != [theme for theme in known if theme in example.labels]:
        yield "labels are repeated or not in theme order"
    if example.boilerplate and example.labels:
        yield "boilerplate carries no theme"
    if example.text is None:
        return
    if not any(map(str.isalnum, example.text)):
        yield "empty text"
    if any(sign in example.text for sign in _DAMAGE):
        yield "damaged text: wrongly decoded characters"


def _id_problems(examples: Sequence[Example]) -> Iterator[str]:
    for name, n in Counter(example.id for example in examples).items():
        if n > 1:
            yield f"id {name} stands {n} times"


def _thin_themes(labels: Labels) -> Iterator[str]:
    counts = Counter(theme for example in labels.examples for theme in example.labels)
    for theme in labels.codebook.theme_ids:
        if counts[theme] < MIN_POSITIVES:
            yield f"theme {theme} has {counts[theme]} positives, at least {MIN_POSITIVES} are needed"


def _repeated_texts(labels: Labels) -> Iterator[str]:
    for repeat in text_repeats(labels.examples):
        contrary = ", with other labels" if repeat.contrary else ""
        yield f"{repeat.second.where}: nearly the text of {repeat.first.id}{contrary}; keep one"


def lexicon_problems(codebook: Codebook) -> Iterator[str]:
    """Yield what is wrong with the word classes: bad, dead or repeated entries, and shared ones without a reason."""
    for name, n in Counter([*codebook.lexicon.classes, *codebook.lexicon.fine]).items():
        if n > 1:
            yield f"lexicon: class name {name} stands {n} times"
    for fines in codebook.lexicon.classes.values():
        for fine, entries in fines.items():
            yield from _class_problems(fine, entries)
    yield from _sharing_problems(codebook)


def _sharing_problems(codebook: Codebook) -> Iterator[str]:
    holders: dict[str, list[str]] = defaultdict(list)
    for fines in codebook.lexicon.classes.values():
        for fine, entries in fines.items():
            for entry in entries:
                holders[entry].append(fine)
    for entry, classes in holders.items():
        if len(classes) > 1 and entry not in codebook.shared:
            yield f"lexicon: {entry!r} stands in {', '.join(classes)} without a reason under [shared]"
    for entry in codebook.shared:
        if len(holders[entry]) < 2:
            yield f"lexicon: {entry!r} is listed under [shared] but does not stand in several classes"


def _class_problems(fine: str, entries: Sequence[str]) -> Iterator[str]:
    if not entries:
        yield f"lexicon: class {fine} is empty"
    for entry, n in Counter(entries).items():
        if n > 1:
            yield f"lexicon: {entry!r} stands {n} times in {fine}"
        if not _well_formed(entry):
            yield f"lexicon: {entry!r} in {fine}: one to {MAX_ENTRY_WORDS} folded words, * only at the end of a word"
        for other in _inside(entry, entries):
            yield f"lexicon: {entry!r} in {fine} is dead: {other!r} matches within it"


def _well_formed(entry: str) -> bool:
    plain = [word.removesuffix("*") for word in entry.split(" ")]
    return len(plain) <= MAX_ENTRY_WORDS and words(" ".join(plain)) == plain


def _inside(entry: str, entries: Sequence[str]) -> Iterator[str]:
    """Yield the other entries that match within `entry`, which then adds nothing to the class's count."""
    mine = entry.split()
    others = set(entries) - {entry}
    for start in range(len(mine)):
        for end in range(start + 1, len(mine) + 1):
            yield from others & _fitting(mine[start:end])


def _fitting(run: Sequence[str]) -> set[str]:
    """Return the entries, as they would be written, that match wherever `run` does."""
    fitting = {""}
    for word in run:
        plain = word.removesuffix("*")
        forms = {plain[:n] + "*" for n in range(1, len(plain) + 1)} | ({word} if word == plain else set())
        fitting = {f"{head} {form}".strip() for head in fitting for form in forms}
    return fitting
