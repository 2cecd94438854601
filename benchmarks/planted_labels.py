"""`make audit-planted`: how many wrong labels the audit's queue finds that were planted; writes docs/audit.md.

A twentieth of the paragraphs is given wrong labels, in ten draws; what counts is the share of them among the first
tenth of the queue.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from joblib import Parallel, delayed

from benchmarks.document import replace_section
from classifier.model import BOILERPLATE
from training.audit import audit
from training.labels import Example, Labels, read_labels

DOCUMENT = Path("docs/audit.md")
PLANTED, READ = 0.05, 0.1

Spoil = Callable[[Example, Labels, np.random.Generator], Example]


def answered(example: Example, names: set[str], themes: tuple[str, ...]) -> Example:
    """Give an example the answers `names`; furniture carries no theme."""
    kept = tuple(theme for theme in themes if theme in names)
    return replace(example, labels=kept, boilerplate=BOILERPLATE in names and not kept)


def flip(example: Example, labels: Labels, rng: np.random.Generator) -> Example:
    """Turn one theme over, whichever."""
    themes = labels.codebook.theme_ids
    return answered(example, set(example.labels) ^ {str(rng.choice(themes))}, themes)


def swap(example: Example, labels: Labels, rng: np.random.Generator) -> Example:
    """Give it all labels of another paragraph that has other ones."""
    while True:
        other = labels.examples[rng.integers(len(labels.examples))]
        if (other.labels, other.boilerplate) != (example.labels, example.boilerplate):
            return replace(example, labels=other.labels, boilerplate=other.boilerplate)


def overlook(example: Example, labels: Labels, rng: np.random.Generator) -> Example:
    """Leave out one theme that it carries."""
    return answered(example, set(example.labels) - {str(rng.choice(example.labels))}, labels.codebook.theme_ids)


KINDS: dict[str, tuple[str, Spoil]] = {
    "flip": ("one theme turned over", flip),
    "swap": ("all labels of another paragraph", swap),
    "overlook": ("a theme left out, of paragraphs with one", overlook),
}


def spoiled(labels: Labels, kind: str, seed: int) -> tuple[Labels, set[str]]:
    """Return labels with planted errors, and the ids of the paragraphs that bear them."""
    rng = np.random.default_rng(seed)
    examples = list(labels.examples)
    fit = [row for row, example in enumerate(examples) if kind != "overlook" or example.labels]
    rows = rng.choice(fit, round(PLANTED * len(examples)), replace=False).tolist()
    for row in rows:
        examples[row] = KINDS[kind][1](examples[row], labels, rng)
    return replace(labels, examples=tuple(examples)), {examples[row].id for row in rows}


def recalled(labels: Labels, kind: str, seed: int) -> tuple[float, float]:
    """Return the shares of planted errors in the first tenth of the queue, of all and of those among real ones."""
    wrong, planted = spoiled(labels, kind, seed)
    queue = audit(Path("labels"), wrong).queue()
    found = {entry.example.id for entry in queue[: round(READ * len(queue))]} & planted
    real = {example.id for example in labels.examples if example.real}
    return len(found) / len(planted), len(found & real) / len(planted & real)


@click.command()
@click.option("--seeds", default=10, show_default=True)
def main(seeds: int) -> None:
    """Plant every kind of error and write the table."""
    labels = read_labels(Path("labels"))
    lines = ["| planted | recalled, mean | lowest | highest | of those in real paragraphs |", "|---|---|---|---|---|"]
    for kind, (title, _) in KINDS.items():
        found = np.array(Parallel(n_jobs=-1)(delayed(recalled)(labels, kind, seed) for seed in range(seeds)))
        every, real = found.T
        lines.append(
            f"| {title} | **{every.mean():.1%}** | {every.min():.1%} | {every.max():.1%} | {real.mean():.1%} |"
        )
        print(lines[-1], file=sys.stderr, flush=True)
    replace_section(DOCUMENT, "planted", "\n".join(lines))


if __name__ == "__main__":
    main()
