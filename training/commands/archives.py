"""Verbs that score archives and read what was scored."""

import os
from pathlib import Path
from typing import Any

import click

from training.archive.options import OUTPUTS, Options
from training.commands.options import (
    load_classifier,
    model_option,
    plot_option,
    prior_option,
    reading_options,
    say,
)


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="IN...")
@click.option("-o", "--output", "target", required=True, help="A file, a folder ending in /, or - for stdout.")
@model_option
@click.option("--to", type=click.Choice(OUTPUTS), help="Kind of output, where its name is silent.")
@reading_options
@click.option("--id", default="id", show_default=True, help="Column of the article's id.")
@click.option("--keep", metavar="COL,...", help="Columns passed through.  [default: date,outlet,url where present]")
@click.option("--paragraphs", is_flag=True, help="One row a paragraph, with its offsets.")
@click.option("--explain", is_flag=True, help="The evidence for each theme too.")
@click.option("--csv-raw", is_flag=True, help="Leave cells that a spreadsheet takes for formulas as they are.")
@click.option("--max-rejected", type=click.IntRange(0), default=0, show_default=True, help="Rows that may be rejected.")
@prior_option
@click.option("--dry-run", is_flag=True, help="Say what would be scored; write nothing.")
@click.option("--jobs", type=click.IntRange(1), help="Processes.  [default: one a core]")
@click.option("--backend", type=click.Choice(["loky", "dask"]), default="loky", show_default=True, help="Who works.")
@click.option("--scheduler", metavar="tcp://…", help="With --backend dask: the cluster's scheduler.")
@click.option("--part-mb", type=click.FloatRange(0.001), default=8, show_default=True, help="Input megabytes a part.")
@click.option("--max-unpacked-gb", type=click.IntRange(1), default=64, show_default=True, help="Of a packed file.")
def score(
    jobs: int | None, backend: str, scheduler: str | None, part_mb: float, max_unpacked_gb: int, **options: Any
) -> None:
    """Score archives: JSONL, CSV, TSV, Parquet, text and HTML files, folders, patterns, - for stdin; .gz and .zst too.

    Rows that can't be read are named in OUT.parts/rejects.jsonl. A run that was stopped goes on where it was when the
    same command is given again.

    \b
    Examples:
      asn-themes score news.jsonl -o themes.jsonl
      asn-themes score 'archive/*.csv.gz' --text isi --id kode -o themes.parquet
      zcat news.jsonl.gz | asn-themes score - -o - | head
    """
    from training.archive.backends import Backend
    from training.score import score

    score(
        backend=Backend(backend, jobs or os.cpu_count() or 1, scheduler),
        part_bytes=int(part_mb * 2**20),
        max_unpacked_bytes=max_unpacked_gb << 30,
        say=say,
        **options,
    )


@click.command()
@click.argument("archive", type=click.Path(exists=True, path_type=Path), metavar="OUT")
@click.option("--by", type=click.Choice(["month", "outlet"]), default="month", show_default=True, help="Groups.")
@click.option("--column", help="Column that names the group.  [default: date for months, outlet for outlets]")
@plot_option
def trends(archive: Path, by: str, column: str | None, picture: Path | None) -> None:
    """Show how themes move: their shares in a scored archive, by month or by outlet, as a Markdown table.

    \b
    Examples:
      asn-themes trends themes.jsonl --plot months.svg
      asn-themes trends themes.csv --by outlet --column media
    """
    from training import trends

    column = column or trends.COLUMNS[by]
    found = trends.trends(archive, by, column)
    click.echo(trends.table(found))
    if picture:
        trends.plot(found, picture)
    say(f"{sum(found.articles.values())} articles with content; {found.left_out} more have no {column}")
    if found.unread:
        say(f"{found.unread} more have a {column} that does not begin as 2024-01-31 does")


@click.command()
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@model_option
@reading_options
@plot_option
def drift(a: str, b: str, model: Path, picture: Path | None, **options: Any) -> None:
    """Show what differs between two archives of articles: unknown words, scores and themes, as a Markdown table.

    A and B are files, folders or patterns as score reads them; a shift in bold is beyond chance at 95 %.
    """
    from training import drift

    chosen = Options(keep=(), **options)
    classifier = load_classifier(model)
    before, after = (drift.measure(archive, classifier, chosen) for archive in (a, b))
    shifts = drift.drift(before, after, classifier.themes)
    click.echo(drift.table(shifts))
    if picture:
        drift.plot(shifts, picture)
    for name, found in ((a, before), (b, after)):
        say(f"{name}: {len(found.empty)} articles, {found.empty.sum()} without content; {found.rejected} rows rejected")
