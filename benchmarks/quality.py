"""``make quality``: every figure of docs/quality.md that the labels alone give, each table rewritten in place."""

from pathlib import Path

import numpy as np

from benchmarks.document import replace_section
from training.crossval import Experiment
from training.evaluate import MIN_READERS
from training.fit import Recipe
from training.judgements import Judgements
from training.labels import Labels, read_labels
from training.metrics import decisions_table, measure, table
from training.plots import reliability
from training.wholes import by_article, whole

DOCUMENT = Path("docs/quality.md")
PLOT = Path("docs/reliability.svg")
PRECISIONS = (0.7, 0.8, 0.9)


def main() -> None:
    labels = read_labels(Path("labels"))
    judgements = _judge(labels, None)
    twice = _read_twice(labels, judgements)
    sections = {
        "twice": _tables(judgements.select(twice)),
        "all": _tables(judgements),
        "articles": table(measure(by_article(judgements.select(whole(judgements))))),
        "furniture": _furniture(judgements),
        "precision": _stated_precisions(labels),
    }
    for name, content in sections.items():
        replace_section(DOCUMENT, name, content)
        print(content, end="\n\n")
    PLOT.write_text(reliability(judgements.select(twice)), encoding="utf-8")


def _judge(labels: Labels, precision: float | None) -> Judgements:
    stated = {} if precision is None else {"all": precision}
    return Experiment(labels, Recipe(), stated).cross_validate()


def _read_twice(labels: Labels, judgements: Judgements) -> np.ndarray:
    readers = {example.id: example.readers for example in labels.examples}
    return np.array([readers[name] >= MIN_READERS for name in judgements.ids])


def _tables(judgements: Judgements) -> str:
    quality = measure(judgements)
    said = f"{quality.n_examples:,} paragraphs of {quality.n_articles:,} articles."
    return f"{said}\n\n{table(quality)}\n\n{decisions_table(quality)}"


def _furniture(judgements: Judgements) -> str:
    """Furniture on whole articles, all and those of the news alone (the five seeds left out)."""
    wholes = judgements.select(whole(judgements))
    news = wholes.select(~np.char.startswith(wholes.articles, "seed-"))
    lines = ["| furniture of | lines | positives | precision | recall | F1 |", "|---|---|---|---|---|---|"]
    for name, part in (
        ("whole articles", wholes),
        ("those that are no seeds", news),
        ("all real paragraphs", judgements),
    ):
        quality = measure(part)
        figures = " | ".join(str(quality[f"boilerplate_{m}"]) for m in ("precision", "recall", "f1"))
        lines.append(f"| {name} | {quality.n_examples} | {quality.supports['boilerplate']} | {figures} |")
    return "\n".join(lines)


def _stated_precisions(labels: Labels) -> str:
    themes = labels.codebook.theme_ids
    lines = [f"| stated | judged on | {' | '.join(themes)} |", "|---" * (len(themes) + 2) + "|"]
    for precision in PRECISIONS:
        judgements = _judge(labels, precision)
        for name, part in (
            ("all real", judgements),
            ("read twice", judgements.select(_read_twice(labels, judgements))),
        ):
            quality = measure(part)
            shown = (f"{quality[f'{t}_precision']}, recall {quality[f'{t}_recall'].value:.2f}" for t in themes)
            lines.append(f"| {precision} | {name} | {' | '.join(shown)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
