"""How themes move: the share of articles that carry each, by month or by outlet, from a scored archive."""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifier.errors import InputRejectedError, SettingError
from classifier.extras import needed
from training import plots
from training.wilson import interval

#: What the rows are grouped by: the column, and how a value names its group.
COLUMNS = {"month": "date", "outlet": "outlet"}
_MONTH_CHARS = len("2024-01")
_MAX_CELL_CHARS = 64 << 20
_MONTHS = {f"{number:02}" for number in range(1, 13)}


@dataclass(frozen=True, slots=True)
class Trends:
    """Counts by group.

    Attributes
    ----------
    by : str
        ``month`` or ``outlet``.
    articles : mapping of str to int
        Articles with content, per group, groups in order.
    carrying : mapping of str to Counter
        Per group, how many of them carry each theme.
    themes : tuple of str
        In the order of the model.
    left_out, unread : int
        Articles without a value to group by, and with a value that is no date.
    """

    by: str
    articles: Mapping[str, int]
    carrying: Mapping[str, Counter[str]]
    themes: tuple[str, ...]
    left_out: int
    unread: int

    def share(self, group: str, theme: str) -> float:
        """Return the fraction of a group's articles that carry a theme, in [0, 1]."""
        return self.carrying[group][theme] / self.articles[group]


def trends(archive: Path, by: str, column: str) -> Trends:
    """Count a scored archive: a file or a folder of parts, one row an article; articles without content are left out.

    They are grouped by what stands in `column`.

    Raises
    ------
    SettingError
        If no row has a value there, or no date where `by` is ``month``.
    InputRejectedError
        If it is no scored archive.
    """
    articles: Counter[str] = Counter()
    carrying: dict[str, Counter[str]] = defaultdict(Counter)
    themes: tuple[str, ...] = ()
    left_out = unread = 0
    for row, decisions in _decided(archive):
        themes = themes or tuple(decisions)
        if row.get("empty") in (True, "true"):
            continue
        value = str(row.get(column) or "")
        group = _month(value) if by == "month" else value
        if not group:
            left_out, unread = left_out + (not value), unread + bool(value)
            continue
        articles[group] += 1
        carrying[group].update(theme for theme, decision in decisions.items() if decision == "yes")
    if not articles and unread:
        raise SettingError(f"setting: no {column!r} of {archive} begins as 2024-01-31 does; write the dates so")
    if not articles:
        raise SettingError(
            f"setting: no row of {archive} has a {column!r}; name another by --column, or score with --keep {column}"
        )
    return Trends(by, dict(sorted(articles.items())), carrying, themes, left_out, unread)


def _month(value: str) -> str:
    # A date begins with its year and month, as ISO 8601 writes it; anything else has no month.
    month = value[:_MONTH_CHARS]
    year, _, number = month.partition("-")
    return month if len(year) == 4 and year.isdecimal() and number in _MONTHS else ""


def _decided(archive: Path) -> Iterator[tuple[Mapping[str, Any], Mapping[str, str]]]:
    """Give each row of an archive with its decisions by theme."""
    parts = sorted(archive.glob("part-*")) if archive.is_dir() else [archive]
    if archive.is_dir() and not (archive / "_SUCCESS").exists():
        raise InputRejectedError(f"input: {archive} is no finished run; end it with asn-themes score")
    if not parts:
        raise InputRejectedError(
            f"input: {archive} holds no parts of a run; name the file or the folder it was told to write"
        )
    for part in parts:
        try:
            for row in _READERS.get(part.suffix, _json_lines)(part):
                yield row, _decisions(row)
        # Whatever a reader trips over in a file of others has one meaning and one cure here.
        except (OSError, ValueError, KeyError, TypeError, csv.Error) as err:
            raise InputRejectedError(f"input: {part} has no scored articles; make it with asn-themes score") from err


def _decisions(row: Mapping[str, Any]) -> dict[str, str]:
    if isinstance(row.get("labels"), list):
        decisions = {label["label"]: label["decision"] for label in row["labels"]}
        return {theme: decisions[theme] for theme in row["scores"]}
    found = {name.removesuffix("_decision"): value for name, value in row.items() if name.endswith("_decision")}
    if not found or "paragraph" in row:
        raise ValueError
    return found


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for line in file:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise ValueError
            yield row


def _csv(path: Path) -> Iterator[dict[str, Any]]:
    # The evidence of a long article is longer than the 128 kB that a cell may have unasked.
    csv.field_size_limit(_MAX_CELL_CHARS)
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file, strict=True)


def _parquet(path: Path) -> Iterator[dict[str, Any]]:
    parquet = needed("pyarrow.parquet", "parquet")
    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches():
            yield from batch.to_pylist()


_READERS = {".csv": _csv, ".parquet": _parquet}


def table(found: Trends) -> str:
    """Lay the shares out as a Markdown table, in percent, with the half-width of their 95 % interval."""
    head = [found.by, "articles", *found.themes]
    lines = [_line(head), _line(["---", *["---:"] * (len(head) - 1)])]
    for group, n in found.articles.items():
        shares = [_percent(found.share(group, theme), n) for theme in found.themes]
        lines.append(_line([" ".join(group.split()).replace("|", "\\|"), str(n), *shares]))
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _percent(share: float, n: int) -> str:
    low, high = interval(share, n)
    return f"{100 * share:.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def plot(found: Trends, path: Path) -> None:
    """Draw the shares, with their 95 % intervals, into a PNG or SVG file.

    Raises
    ------
    OutputFailedError
        If it can't be written.
    """
    figure = plots.blank(9, 5)
    axes = figure.subplots()
    groups = list(found.articles)
    for theme in found.themes:
        shares = [found.share(group, theme) for group in groups]
        bounds = [interval(s, n) for s, n in zip(shares, found.articles.values(), strict=True)]
        errors = [[s - low for s, (low, _) in zip(shares, bounds, strict=True)],
                  [high - s for s, (_, high) in zip(shares, bounds, strict=True)]]  # fmt: skip
        style = "-" if found.by == "month" else ""
        axes.errorbar(groups, shares, yerr=errors, marker="o", markersize=3, linestyle=style, label=theme, capsize=2)
    axes.set(ylabel="share of articles", xlabel=found.by, ylim=(0, None))
    axes.tick_params(axis="x", rotation=60)
    axes.legend()
    plots.save(figure, path)
