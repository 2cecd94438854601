"""Review: what readers said of the model's answers, as tasks for people who label; never as labels."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from classifier import Classifier
from corrections.correction import Correction, Stored
from training.exchange.kinds import KINDS
from training.exchange.tasks import Losses, Prediction, Task
from training.labels import FEEDBACK_PREFIX, Labels, read_jsonl, write_jsonl
from training.preannotation import prediction

if TYPE_CHECKING:
    from corrections.store import Store

#: Of the positives that a theme has in the labels, one giver's corrections may bear on this share at most.
MAX_SHARE = 0.01
#: Formats that can't mistake a proposal for somebody's label.
FORMATS = tuple(sorted(name for name, kind in KINDS.items() if kind.capacity.prediction and not kind.capacity.filled))
#: Where a task says what readers said.
SAID, NOTE = "feedback", "note"


@dataclass(frozen=True)
class Review:
    """The tasks, those first of which most was said, and what was left out."""

    tasks: tuple[Task, ...]
    losses: Losses


def task_id(text: str) -> str:
    """Return the name that a text has from here to its label record."""
    return FEEDBACK_PREFIX + hashlib.sha256(text.encode()).hexdigest()[:16]


def review(stored: Iterable[Stored], labels: Labels, classifier: Classifier) -> Review:
    """Put corrections together, one task a text.

    A task's prediction is the model's answer as the majority of its readers would have it; what they said stands
    beside it.  No task has a vote: who imports it unread imports nothing.

    Parameters
    ----------
    stored : iterable of Stored
        All corrections of the store, oldest first.
    labels : Labels
        What is labelled already is not asked for again.
    classifier : Classifier
        The model at hand.

    Raises
    ------
    SettingError
        If the model has other themes than the labels.
    """
    labels.codebook.check_themes(classifier.themes)
    losses: Losses = Counter()
    known = {example.text for example in labels.examples}
    by_text: dict[str, list[Stored]] = defaultdict(list)
    for found in _within_share(_latest(stored), labels, losses):
        by_text[found.correction.text].append(found)
    losses["texts that are in the labels already"] = len(by_text.keys() & known)
    texts = [text for text in by_text if text not in known]
    tasks = [
        _task(by_text[text], prediction(classifier.themes, logits, classifier.model.cuts, classifier.short_version))
        for text, logits in zip(texts, classifier.logits(texts), strict=True)
    ]
    return Review(tuple(sorted(tasks, key=lambda task: (-len(by_text[task.text]), task.id))), +losses)


def erase(store: "Store", folder: Path, giver: str = "", article: str = "") -> tuple[int, int]:
    """Remove what came from `giver` or bears on `article`, from the store and from the labels made of it.

    A label record goes where nobody else's correction stands behind it.

    Returns
    -------
    tuple of int
        How many corrections and how many label records were removed.
    """
    stored = store.read()
    gone = [f for f in stored if f.giver == giver or (article and f.correction.article == article)]
    kept = {found.correction.text for found in stored if found not in gone}
    ids = {task_id(found.correction.text) for found in gone if found.correction.text not in kept}
    records = 0
    for path in sorted([*folder.glob("paragraphs/*.jsonl"), *folder.glob("readings/*.jsonl")]):
        rows = [row for row, _ in read_jsonl(path)]
        left = [row for row in rows if row["id"] not in ids]
        records += len(rows) - len(left)
        if rows and not left:
            path.unlink()
        elif left != rows:
            write_jsonl(path, left)
    # The store last: what is interrupted can be done again.
    return store.erase(giver, article), records


def _latest(stored: Iterable[Stored]) -> list[Stored]:
    """Return of each giver the last word on each theme of each text, in the order of the first."""
    last: dict[tuple[str, str, str], Stored] = {}
    for found in stored:
        last[found.giver, found.correction.theme, found.correction.text] = found
    return list(last.values())


def _within_share(stored: Iterable[Stored], labels: Labels, losses: Losses) -> Iterable[Stored]:
    """Yield what the themes and each giver's share allow, and count the rest."""
    positives = Counter(theme for example in labels.examples for theme in example.labels)
    taken: Counter[tuple[str, str]] = Counter()
    for found in stored:
        theme = found.correction.theme
        if theme not in labels.codebook.theme_ids:
            losses["corrections of themes that are no more"] += 1
            continue
        taken[found.giver, theme] += 1
        if taken[found.giver, theme] > max(1, int(MAX_SHARE * positives[theme])):
            losses["corrections beyond one giver's share of a theme"] += 1
            continue
        yield found


def _task(found: Sequence[Stored], predicted: Prediction) -> Task:
    corrections = [stored.correction for stored in found]
    first = corrections[0]
    balance = _balance(corrections)
    labels = {theme for theme in predicted.scores if balance.get(theme, 0) > 0}
    labels |= {theme for theme in predicted.labels if balance.get(theme, 0) >= 0}
    proposed = replace(
        predicted,
        labels=tuple(theme for theme in predicted.scores if theme in labels),
        boilerplate=predicted.boilerplate and not labels,
    )
    notes = " / ".join(sorted({correction.note for correction in corrections if correction.note}))
    return Task(
        id=task_id(first.text),
        text=first.text,
        article=next((c.article for c in corrections if c.article), ""),
        prediction=proposed,
        meta={SAID: _said(corrections)} | ({NOTE: notes} if notes else {}),
    )


def _balance(corrections: Iterable[Correction]) -> Mapping[str, int]:
    """Return how many more say yes than no, by theme."""
    balance: dict[str, int] = defaultdict(int)
    for correction in corrections:
        balance[correction.theme] += 1 if correction.verdict == "yes" else -1
    return balance


def _said(corrections: Iterable[Correction]) -> str:
    counts = Counter((correction.theme, correction.verdict) for correction in corrections)
    return ", ".join(f"{theme}: {n} {verdict}" for (theme, verdict), n in sorted(counts.items()))
