"""Verbs that check and make labels."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from training.commands.options import (
    FILE,
    OUTPUT,
    labels_option,
    load_classifier,
    model_option,
    say,
    tool_option,
    write_tasks,
)
from training.commands.retrain import retrain

# Refused texts that are shown.
_MAX_SHOWN = 20


@click.group()
def labels() -> None:
    """Check and make labels."""


@labels.command("check")
@labels_option
def labels_check(labels_folder: Path) -> None:
    """Refuse labels and word classes that break a rule (exit 3)."""
    from training.labels import read_labels
    from training.lint import check

    found = read_labels(labels_folder)
    check(found)
    say(f"{len(found.examples)} paragraphs and {len(found.codebook.lexicon.fine)} word classes: fine")


@labels.command("agreement")
@click.argument("file", type=FILE, default="labels/readings/second_pass.jsonl")
@labels_option
def labels_agreement(file: Path, labels_folder: Path) -> None:
    """Show how far two readers of the same paragraphs agree, theme by theme."""
    from training.agreement import read_agreement
    from training.codebook import read_codebook

    click.echo("| output | votes | F1 between readers | Krippendorff's alpha |\n|---|---|---|---|")
    for found in read_agreement(file, read_codebook(labels_folder).theme_ids):
        click.echo(f"| {found.name} | {found.positives} | {found.f1:.3f} | {found.alpha:.3f} |")


@labels.command("extract")
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    "output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the records, e.g. labels/extracted.",
)
@click.option("--renew", is_flag=True, help="Take the labels from the records already in the folder, by id.")
@labels_option
def labels_extract(files: tuple[Path, ...], output: Path, renew: bool, labels_folder: Path) -> None:
    r"""Count labelled texts, so that labels on texts that may not be shared can be pooled.

    FILES are JSONL: `id`, `text`, `labels`, and where known `article`, `boilerplate`, `readers` and `origin`. One file
    of records a FILE goes to the output folder: no order of words, no phrase, no word of a single article.

    After a change of lexicon, --renew counts the same texts again with the labels that their records already have; a
    FILE may then also hold whole articles, whose paragraphs are known as <id>:<nn>.

    \b
    Examples:
      asn-themes labels extract mine.jsonl -o labels/extracted
      asn-themes labels extract --renew texts.jsonl -o labels/extracted
    """
    from training import extract
    from training.codebook import read_codebook

    verb = extract.renew if renew else extract.extract
    written = verb(files, output, read_codebook(labels_folder))
    say(f"wrote {written} records to {output}")


@labels.command("sample")
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
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Another one draws others.")
@click.option(
    "--from", "kind", type=click.Choice(["jsonl", "csv", "tsv", "parquet", "txt", "html"]), help="Kind of IN."
)
@click.option("--id", "id_column", default="id", show_default=True, help="Column of the article's id.")
@click.option("--text", default="text", show_default=True, help="Column of its text.")
@click.option("--html", default="html", show_default=True, help="Column of its page, read where there is no text.")
@labels_option
@model_option
def labels_sample(
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
    r"""Choose what to label next from an archive, and write it for a labelling tool with what the model says.

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
    sample = Sampler(load_classifier(model), found, number, random_share, seed).sample(inputs, options)
    write_tasks(sample.tasks, output, tool, found.codebook)
    reasons = ", ".join(f"{n} {reason}" for reason, n in sample.reasons.most_common())
    say(f"of {sample.seen} paragraphs without a label: {reasons}")
    if sample.rejects:
        first = sample.rejects[0]
        say(f"{len(sample.rejects)} rows could not be read, {first.file}:{first.line} first: {first.reason}")
    for damage in sample.damage:
        say(damage)


@labels.command("estimate")
@click.argument("file", type=FILE)
@labels_option
@model_option
def labels_estimate(file: Path, labels_folder: Path, model: Path) -> None:
    """Estimate how common themes are in an archive and how well the model finds them there.

    FILE is what came back from the labelling tool of `labels sample`; the paragraphs drawn by chance alone count. Ask
    it before training on them: a model knows the answers that it has learnt.
    """
    from training.codebook import read_codebook
    from training.estimate import estimate, table

    found = estimate(load_classifier(model), file, read_codebook(labels_folder))
    click.echo(table(found))
    say(
        f"{found.quality.n_examples} paragraphs drawn by chance, of {found.quality.n_articles} articles; 95 % intervals"
    )


@labels.command("import")
@click.argument("files", nargs=-1, required=True, metavar="[READER=]FILE...")
@click.option("--from", "kind", metavar="FORMAT", help="Format of the files.  [default: told from what they hold]")
@click.option("--name", help="Of the files of records, and before ids that are numbers.  [default: the first file's]")
@click.option("--text", help="Column of the text, if not the format's own.")
@click.option("--label", help="Column (Label Studio: control) of the labels, if not the format's own.")
@click.option("--drop", multiple=True, metavar="NAME", help="A label to leave out; may be given again.")
@click.option("--absent-means-no", is_flag=True, help="Take an empty label, and themes not asked about, for no.")
@click.option("--update", is_flag=True, help="Give texts that are in the labels already the labels that come in.")
@click.option("--replace", is_flag=True, help="Import anew what was imported under this name.")
@labels_option
def labels_import(
    files: tuple[str, ...],
    kind: str | None,
    name: str | None,
    text: str | None,
    label: str | None,
    drop: tuple[str, ...],
    labels_folder: Path,
    **flags: bool,
) -> None:
    r"""Take in what was labelled in another tool: doccano, Label Studio, Prodigy, Annif, datasets, a table.

    New texts become records in LABELS/paragraphs/NAME.jsonl; where several readers labelled a text, the majority
    stands and every vote goes to LABELS/readings/NAME.jsonl.  What is not taken is told, with how often.

    \b
    Examples:
      asn-themes labels import project-1.json
      asn-themes labels import ani=ani.jsonl budi=budi.jsonl --name doccano
      asn-themes labels import sheet.csv --text isi --drop "perlu dibahas"
    """
    from training.exchange.source import Columns
    from training.intake import Importer

    named = dict(map(_reader, files))
    importer = Importer(
        labels_folder,
        name or next(iter(named.values())).stem,
        kind,
        Columns(text, label, drop),
        **flags,
    )
    intake = importer.take(named)
    for line in intake.refused[:_MAX_SHOWN]:
        say(f"refused {line}")
    losses = {"texts refused, as above": len(intake.refused), **intake.losses}
    _tell_losses(losses)
    found = (
        f"{len(intake.records)} new, {len(intake.changes)} relabelled, {len(intake.readings)} votes of several readers"
    )
    say(f"imported {', '.join(intake.kinds)}: {found}, as {importer.name} in {labels_folder}")


def _reader(given: str) -> tuple[str, Path]:
    """Cut ``READER=FILE``; a file alone is its own reader's."""
    reader, _, path = given.rpartition("=") if not Path(given).exists() else ("", "", given)
    return reader or Path(path).stem, Path(path)


def _tell_losses(losses: Mapping[str, int]) -> None:
    for what, n in losses.items():
        if n:
            say(f"  {n} {what}")


@labels.command("export")
@click.option("--to", "kind", required=True, metavar="FORMAT", help="Format to write, as labels import reads it.")
@click.option("-o", "--output", type=OUTPUT, required=True, help="The file.")
@labels_option
def labels_export(kind: str, output: Path, labels_folder: Path) -> None:
    r"""Write the labelled paragraphs in the format of another tool.

    FORMAT is doccano-jsonl, doccano-json, doccano-csv, labelstudio-json, labelstudio-min, prodigy, annif, hf-jsonl,
    hf-parquet or csv.  What it cannot hold is told, with how often.

    \b
    Examples:
      asn-themes labels export --to labelstudio-json -o tasks.json
      asn-themes labels export --to csv -o sheet.csv
    """
    from training.exchange.kinds import save
    from training.export import read_tasks

    codebook, tasks, losses = read_tasks(labels_folder)
    losses += save(tasks, output, kind, codebook)
    _tell_losses(losses)
    say(f"wrote {len(tasks)} texts to {output}")


labels.add_command(retrain)
