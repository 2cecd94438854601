"""Verbs that say what to label next and what to read again."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from training.commands.options import (
    FILE,
    OUTPUT,
    exchange_options,
    html_option,
    kind_option,
    labels_option,
    load_classifier,
    model_option,
    say,
    tell_losses,
)

if TYPE_CHECKING:
    from training.codebook import Codebook
    from training.exchange.tasks import Task

#: Formats of labelling tools that hold a text with what a model says of it.
_TOOLS = {"doccano": "doccano-jsonl", "label-studio": "labelstudio-json", "prodigy": "prodigy"}
# The seed salts a hash, in eight bytes.
_MAX_SEED = 2**64 - 1
tool_option = click.option(
    "--to", "tool", type=click.Choice([*_TOOLS]), default="doccano", show_default=True, help="Tool that OUTPUT is for."
)


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="IN...")
@click.option("-n", "--number", type=click.IntRange(1), default=200, show_default=True, help="Paragraphs to label.")
@click.option("-o", "--output", type=OUTPUT, required=True, help="Where the tasks go.")
@tool_option
@click.option(
    "--random",
    "random_share",
    type=click.FloatRange(0, 1),
    default=0.2,
    show_default=True,
    help="Share drawn by chance alone, for `labels estimate`.",
)
@click.option(
    "--seed", type=click.IntRange(0, _MAX_SEED), default=0, show_default=True, help="Another one draws others."
)
@kind_option
@click.option("--id", "id_column", default="id", show_default=True, help="Column of the article's id.")
@click.option("--text", default="text", show_default=True, help="Column of its text.")
@html_option
@labels_option
@model_option
def sample(
    inputs: tuple[str, ...],
    number: int,
    output: Path,
    tool: str,
    random_share: float,
    seed: int,
    labels_folder: Path,
    model: Path,
    **columns: Any,
) -> None:
    """Choose what to label next from an archive, and write it for a labelling tool with what the model says.

    A share is drawn by chance; the rest are paragraphs that the model is in doubt on, themes in turn, no two alike and
    spread over articles and outlets. What is labelled already is not asked for.

    \b
    Examples:
      asn-themes labels sample news.jsonl -o next.jsonl
      asn-themes labels sample 'archive/*.csv.gz' --text isi -n 500 --to label-studio -o next.json
    """
    from training.archive.options import Options
    from training.labels import read_labels
    from training.sample import Sampler

    found = read_labels(labels_folder)
    options = Options(id=columns["id_column"], text=columns["text"], html=columns["html"], kind=columns["kind"])
    chosen = Sampler(load_classifier(model), found, number, random_share, seed).sample(inputs, options, str(output))
    _write(chosen.tasks, output, tool, found.codebook)
    reasons = ", ".join(f"{n} {reason}" for reason, n in chosen.reasons.most_common())
    say(f"of {chosen.seen} paragraphs without a label: {reasons}")
    if chosen.rejects:
        first = chosen.rejects[0]
        say(f"{len(chosen.rejects)} rows could not be read, {first.file}:{first.line} first: {first.reason}")
    for damage in chosen.damage:
        say(damage)


@click.command()
@click.argument("file", type=FILE)
@exchange_options
@labels_option
@model_option
def estimate(
    file: Path,
    kind: str | None,
    text: str | None,
    label: str | None,
    drop: tuple[str, ...],
    labels_folder: Path,
    model: Path,
) -> None:
    """Estimate how common themes are in an archive and how well the model finds them there.

    FILE is what came back from the labelling tool of `labels sample`; the paragraphs drawn by chance alone count, with
    the labels that `labels import` would give them. Ask it before training on them: a model knows the answers that it
    has learnt.
    """
    from training.codebook import read_codebook
    from training.estimate import Estimate
    from training.exchange.source import Columns

    codebook = read_codebook(labels_folder)
    found = Estimate.of(load_classifier(model), file, codebook, kind, Columns(text, label, drop))
    click.echo(found.table())
    quality = found.quality
    say(f"{quality.n_examples} paragraphs drawn by chance, of {quality.n_articles} articles; 95 % intervals")
    if found.left_out:
        say(f"left out: {found.left_out} drawn by chance that were not judged for all themes")


@click.command()
@click.option("-n", "--number", type=click.IntRange(1), help="Paragraphs of the queue.  [default: a tenth of all]")
@click.option("-o", "--output", type=OUTPUT, help="Write the queue here, the worst first, for a labelling tool.")
@tool_option
@click.option("--texts", type=FILE, multiple=True, help="JSONL with texts of records that are counts alone, by id.")
@click.option("--html", type=OUTPUT, help="Write a page to read here.")
@labels_option
def audit(
    number: int | None, output: Path | None, tool: str, texts: tuple[Path, ...], html: Path | None, labels_folder: Path
) -> None:
    """Audit labels: likely wrong ones, texts that stand twice, leaks, agreement of readers, thin themes.

    Every paragraph is scored by a model that saw nothing of its article.

    \b
    Examples:
      asn-themes labels audit --html audit.html
      asn-themes labels audit -n 300 -o queue.json --to label-studio
    """
    from training.archive.target import refuse_overlap
    from training.audit import audit, summary, tasks, write_page
    from training.extract import read_texts
    from training.labels import read_labels

    for written in filter(None, (output, html)):
        refuse_overlap(list(map(str, texts)), str(written))
    found = audit(labels_folder, read_labels(labels_folder))
    click.echo(summary(found))
    known = {example.id for example in found.labels.examples}
    at_hand = read_texts(texts, known)
    queue, number = found.queue(), number or -(-len(known) // 10)
    if html:
        write_page(html, found, queue[:number], at_hand)
        say(f"wrote {html}")
    if output:
        made = list(islice(tasks(queue, at_hand), number))
        _write(made, output, tool, found.labels.codebook)
        unread = sum(example.text is None and example.id not in at_hand for example in found.labels.examples)
        if unread:
            say(f"passed over where they are doubtful: {unread} paragraphs kept as counts; give their texts by --texts")


def _write(tasks: "Sequence[Task]", output: Path, tool: str, codebook: "Codebook") -> None:
    """Write tasks for a labelling tool, and tell what its format could not hold."""
    from training.exchange.kinds import save

    losses = save(tasks, output, _TOOLS[tool], codebook)
    say(
        f"wrote {len(tasks)} tasks to {output}; {tool} does not hold:"
        if losses
        else f"wrote {len(tasks)} tasks to {output}"
    )
    tell_losses(losses)
