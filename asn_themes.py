"""The command line: thin verbs, each of which imports its part when it is called."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from classifier.errors import AsnThemesError

LABELS = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUTPUT = click.Path(dir_okay=False, path_type=Path)

labels_option = click.option(
    "--labels", "labels_folder", type=LABELS, default="labels", show_default=True, help="Labels folder."
)
prior_option = click.option(
    "--prior",
    default="",
    envvar="ASN_THEMES_PRIOR",
    help="How common themes are in these texts: theme=share,….  [default: as in the labels]",
)
model_option = click.option("--model", type=OUTPUT, default="model.npz", show_default=True, help="Model file.")


class _Command(click.Group):
    """Renders the project's errors: one line on stderr and the exit code of the kind."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AsnThemesError as err:
            click.echo(f"error[{err.slug}]: {err}", err=True)
            sys.exit(err.exit_code)


def _say(line: str) -> None:
    click.echo(line, err=True)


@click.group(cls=_Command)
@click.version_option(package_name="asn-themes")
def main() -> None:
    r"""Themes of the Indonesian civil service in news: train, serve, score.

    \b
    Examples:
      asn-themes train                         labels/ -> model.npz
      asn-themes serve --port 8000             then POST an article to /classify
      asn-themes score in.jsonl -o out.jsonl   score an archive
    """


@main.command()
@labels_option
@click.option("-o", "--output", type=OUTPUT, default="model.npz", show_default=True, help="Where the model goes.")
@click.option("--if-changed", is_flag=True, help="Do nothing where the model was made of these very labels.")
@click.option(
    "--yes-precision",
    default="",
    envvar="ASN_THEMES_YES_PRECISION",
    help="Precision that yes is to have: a share, or theme=share,….  [default: the best F1]",
)
def train(labels_folder: Path, output: Path, if_changed: bool, yes_precision: str) -> None:
    """Train a model on a labels folder and print how well it does out of fold."""
    from classifier.modelfile import save
    from classifier.prior import parse_shares
    from training.fit import Recipe
    from training.metrics import table
    from training.train import is_current, train

    precision = parse_shares(yes_precision)
    if if_changed and is_current(output, labels_folder, precision):
        return
    trained = train(labels_folder, Recipe(), _say, precision)
    version = save(trained.model, output)
    click.echo(table(trained.quality))
    _say(f"wrote {output}, version {version[:12]}, {len(trained.model.features)} features")


@main.command()
@click.argument("file", type=FILE, required=False)
@click.option("--cv", is_flag=True, help="Cross-validate the recipe on the labels instead.")
@click.option("--min", "minima", default="", help="Exit 3 where a figure is lower: macro_f1=0.7,merit_recall=0.6.")
@click.option("--html", type=OUTPUT, help="Write a report to read and print here.")
@click.option("--yes-precision", default="", help="With --cv: as in train.")
@labels_option
@model_option
def evaluate(
    file: Path | None, cv: bool, minima: str, html: Path | None, yes_precision: str, labels_folder: Path, model: Path
) -> None:
    r"""Measure quality: a model on a labelled FILE, or with --cv the recipe on articles it has not seen.

    FILE is JSONL with `text`, `labels` and, where known, `id`, `article` and `boilerplate`.

    \b
    Examples:
      asn-themes evaluate gold.jsonl --html report.html
      asn-themes evaluate --cv --min macro_f1=0.7
    """
    from classifier.prior import parse_shares
    from training.evaluate import cross_validate, judge_file
    from training.fit import Recipe
    from training.metrics import decisions_table, measure, table

    if cv == (file is not None):
        raise click.UsageError("name a labelled FILE, or say --cv")
    if yes_precision and not cv:
        raise click.UsageError("--yes-precision goes with --cv: the cuts of a model are in its file")
    least = parse_shares(minima)
    classifier = None if file is None else _classifier(model)
    gold = (
        cross_validate(labels_folder, Recipe(), _say, parse_shares(yes_precision))
        if classifier is None or file is None
        else judge_file(classifier, file)
    )
    quality = measure(gold.judgements)
    click.echo(f"{table(quality)}\n\n{decisions_table(quality)}")
    _say(f"{quality.n_examples} paragraphs of {quality.n_articles} articles; 95 % bootstrap intervals by article")
    if html:
        from training.report import write_report

        write_report(html, gold, quality, classifier)
        _say(f"wrote {html}")
    quality.demand(least)


@main.command()
@click.argument("old", type=OUTPUT)
@click.argument("new", type=OUTPUT)
@click.argument("file", type=FILE)
def compare(old: Path, new: Path, file: Path) -> None:
    """Compare two models on a labelled FILE: figures, whether they differ beyond chance, paragraphs that flip."""
    from training.compare import compare_files, render

    click.echo(render(compare_files(_classifier(old), _classifier(new), file)))


def _classifier(model: Path, prior: str = "") -> Any:
    from classifier import Classifier
    from classifier.prior import parse_shares

    return Classifier.load(model, parse_shares(prior))


@main.command()
@click.argument("inputs", nargs=-1, required=True, metavar="IN...")
@click.option("-o", "--output", "target", required=True, help="A file, a folder ending in /, or - for stdout.")
@model_option
@click.option(
    "--from", "kind", type=click.Choice(["jsonl", "csv", "tsv", "parquet", "txt", "html"]), help="Kind of IN."
)
@click.option("--to", type=click.Choice(["jsonl", "csv", "parquet"]), help="Kind of output, where its name is silent.")
@click.option("--id", default="id", show_default=True, help="Column of the article's id.")
@click.option("--text", default="text", show_default=True, help="Column of its text.")
@click.option("--title", default="title", show_default=True, help="Column of its title.")
@click.option("--html", default="html", show_default=True, help="Column of its page, read where there is no text.")
@click.option("--keep", metavar="COL,...", help="Columns passed through.  [default: date,outlet,url where present]")
@click.option("--paragraphs", is_flag=True, help="One row a paragraph, with its offsets.")
@click.option("--explain", is_flag=True, help="With --paragraphs: the evidence for each theme.")
@click.option("--csv-raw", is_flag=True, help="Leave cells that a spreadsheet takes for formulas as they are.")
@click.option("--max-rejected", type=click.IntRange(0), default=0, show_default=True, help="Rows that may be rejected.")
@prior_option
@click.option("--limit", type=click.IntRange(1), help="Only the first rows.")
@click.option("--sample", type=click.FloatRange(0, 1, min_open=True), help="Only this share of the rows, e.g. 0.01.")
@click.option("--dry-run", is_flag=True, help="Say what would be scored; write nothing.")
@click.option("--jobs", type=click.IntRange(1), help="Processes.  [default: one a core]")
@click.option("--backend", type=click.Choice(["loky", "dask"]), default="loky", show_default=True, help="Who works.")
@click.option("--scheduler", metavar="tcp://…", help="With --backend dask: the cluster's scheduler.")
@click.option("--part-mb", type=click.FloatRange(0.001), default=8, show_default=True, help="Input megabytes a part.")
@click.option("--max-unpacked-gb", type=click.IntRange(1), default=64, show_default=True, help="Of a packed file.")
def score(
    jobs: int | None, backend: str, scheduler: str | None, part_mb: float, max_unpacked_gb: int, **options: Any
) -> None:
    r"""Score archives: JSONL, CSV, TSV, Parquet, text and HTML files, folders, patterns, - for stdin; .gz and .zst too.

    Rows that can't be read are named in OUT.parts/rejects.jsonl. A run that was stopped goes on where it was when the
    same command is given again.

    \b
    Examples:
      asn-themes score news.jsonl -o themes.jsonl
      asn-themes score 'archive/*.csv.gz' --text isi --id kode -o themes.parquet
      zcat news.jsonl.gz | asn-themes score - -o - | head
    """
    import os

    from training.archive.backends import Backend
    from training.score import score

    score(
        backend=Backend(backend, jobs or os.cpu_count() or 1, scheduler),
        part_bytes=int(part_mb * 2**20),
        max_unpacked_bytes=max_unpacked_gb << 30,
        say=_say,
        **options,
    )


@main.command()
@click.argument("archive", type=click.Path(exists=True, path_type=Path), metavar="OUT")
@click.option("--by", type=click.Choice(["month", "outlet"]), default="month", show_default=True, help="Groups.")
@click.option("--plot", "picture", type=OUTPUT, metavar="FILE", help="Draw it too: .png or .svg.")
def trends(archive: Path, by: str, picture: Path | None) -> None:
    """Show how themes move: their shares in a scored archive, by month or by outlet, as a Markdown table."""
    from training import trends

    if picture and picture.suffix not in {".png", ".svg"}:
        raise click.UsageError(f"--plot {picture}: end it in .png or .svg")
    found = trends.trends(archive, by)
    click.echo(trends.table(found))
    if picture:
        trends.plot(found, picture)
    _say(f"{sum(found.articles.values())} articles with content; {found.left_out} more have no {trends.COLUMNS[by]}")


@main.command()
@click.argument("file", type=FILE)
@click.option(
    "--color/--no-color", default=None, help="Mark words by colour or by brackets.  [default: by the terminal]"
)
@prior_option
@model_option
def explain(file: Path, color: bool | None, prior: str, model: Path) -> None:
    """Show an article, a text FILE, with its themes and the words that decided."""
    from training.reading import read_article, show

    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ if color is None else color
    click.echo(show(_classifier(model, prior), read_article(file), coloured), color=coloured)


@main.command()
@click.argument("theme")
@click.option("-n", "--number", type=click.IntRange(1), default=20, show_default=True, help="How many of either kind.")
@model_option
def terms(theme: str, number: int, model: Path) -> None:
    """List the terms that speak most for THEME (or boilerplate) and most against it."""
    from training.reading import heaviest_terms

    strong, weak = heaviest_terms(_classifier(model).model, theme, number)
    for title, ranked in (("for", strong), ("against", weak)):
        click.echo(f"{title} {theme}")
        for term in ranked:
            click.echo(f"  {term.weight:+6.2f}  {term.name}")


@main.command()
@click.option("-o", "--output", type=OUTPUT, help="Write the card here instead, e.g. model.md.")
@model_option
def card(output: Path | None, model: Path) -> None:
    """Write the model card as Markdown: data, quality, cuts, strongest terms, use and misuse."""
    from classifier.files import publish
    from training.card import card as render

    text = render(_classifier(model))
    if output is None:
        click.echo(text, nl=False)
        return
    publish(text.encode(), output)
    _say(f"wrote {output}")


@main.group()
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
    _say(f"{len(found.examples)} paragraphs and {len(found.codebook.lexicon.fine)} word classes: fine")


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
    _say(f"wrote {written} records to {output}")


@main.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on.  [default: 8000]")
@click.option("--workers", type=click.IntRange(1), help="Worker processes.  [default: 2]")
@click.option("--model", type=OUTPUT, help="Model file.  [default: model.npz]")
@click.option("--prior", help="How common themes are in what is sent: theme=share,….  [default: as in the labels]")
def serve(**options: Any) -> None:
    """Serve POST /classify until stopped.

    Options override the settings ASN_THEMES_HOST, _PORT, _WORKERS, _MODEL and _PRIOR.
    """
    from service.server import run
    from service.settings import Settings

    run(Settings.from_environment(**{name: value for name, value in options.items() if value is not None}))


if __name__ == "__main__":
    main()
