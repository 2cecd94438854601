import json
import subprocess
import sys
from pathlib import Path

import pytest

from classifier.errors import InputRejectedError, SettingError
from tests.conftest import AWARDS, MERIT, NOTHING, ROOT
from training.archive.backends import Backend
from training.archive.options import Options
from training.archive.run import Run
from training.trends import plot, table, trends

ROWS = [
    {"text": MERIT, "date": "2024-01-05", "outlet": "a"},
    {"text": MERIT, "date": "2024-01-31T10:00:00+07:00", "outlet": "b"},
    {"text": NOTHING, "date": "2024-02-01", "outlet": "a"},
    {"text": AWARDS, "date": "5 Februari 2024", "outlet": "a"},
    {"text": AWARDS, "date": "2024-13-01"},
    {"text": "", "date": "2024-01-01", "outlet": "a"},
]


def _scored(folder: Path, model: Path, name: str, **options: object) -> Path:
    (folder / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    kind = Path(name).suffix[1:] or "jsonl"
    chosen = Options(output=kind, **options)  # type: ignore[arg-type]
    Run((str(folder / "in.jsonl"),), f"{folder}/{name}", model, chosen, Backend()).score()
    return folder / name


@pytest.mark.parametrize("name", ["o.jsonl", "o.csv", "o.parquet", "out/"])
def test_shares_are_of_articles_with_content_and_a_date(model_path: Path, tmp_path: Path, name: str) -> None:
    found = trends(_scored(tmp_path, model_path, name), "month", "date")

    assert found.articles == {"2024-01": 2, "2024-02": 1}
    assert (found.share("2024-01", "merit"), found.share("2024-02", "merit"), found.left_out, found.unread) == (
        1,
        0,
        0,
        2,
    )
    assert table(found).splitlines()[2].startswith("| 2024-01 | 2 | 0.0 [0.0, 65.8] | 100.0 [34.2, 100.0] |")


def test_outlets_are_groups_too_and_a_plot_shows_them(model_path: Path, tmp_path: Path) -> None:
    found = trends(_scored(tmp_path, model_path, "o.jsonl"), "outlet", "outlet")

    assert found.articles == {"a": 3, "b": 1}
    for name in ("p.png", "p.svg"):
        plot(found, tmp_path / name)
        assert (tmp_path / name).stat().st_size > 5000


def test_a_missing_column_is_named(model_path: Path, tmp_path: Path) -> None:
    scored = _scored(tmp_path, model_path, "o.jsonl", keep=())

    with pytest.raises(SettingError, match="'outlet'"):
        trends(scored, "outlet", "outlet")

    done = subprocess.run(
        [sys.executable, "asn_themes.py", "trends", scored], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "'date'" in done.stderr


@pytest.mark.parametrize("paragraphs", [True, False])
def test_what_holds_no_scored_articles_is_refused(model_path: Path, tmp_path: Path, paragraphs: bool) -> None:
    scored = _scored(tmp_path, model_path, "o.csv", paragraphs=paragraphs)

    with pytest.raises(InputRejectedError, match="scored a"):
        trends(scored if paragraphs else tmp_path / "in.jsonl", "month", "date")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"id": "a", "text": "x", "labels": ["merit"]}\n'),
        ("a.jsonl", '{"labels": [{"label": "merit"}], "scores": {"merit": 1}}\n'),
        ("a.csv", 'date,merit_decision\n2024-01-01,"yes" no\n'),
        ("a.parquet", "PAR1"),
    ],
)
def test_a_file_of_others_is_refused_in_one_line(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)

    with pytest.raises(InputRejectedError, match="no scored articles"):
        trends(tmp_path / name, "month", "date")


def test_evidence_of_any_length_is_read(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text(f"date,merit_decision,evidence\n2024-01-01,yes,{'x' * 200_000}\n")

    assert trends(tmp_path / "o.csv", "month", "date").articles == {"2024-01": 1}


def test_dates_that_cannot_be_read_are_told_from_missing_ones(tmp_path: Path) -> None:
    rows = "05/03/2024,yes\n,yes\n2024/03/05,no\n"
    (tmp_path / "o.csv").write_text("tanggal,merit_decision\n" + rows)

    with pytest.raises(SettingError, match="begins as 2024-01-31 does"):
        trends(tmp_path / "o.csv", "month", "tanggal")
    (tmp_path / "o.csv").write_text("tanggal,merit_decision\n2024-03-05,yes\n" + rows)
    found = trends(tmp_path / "o.csv", "month", "tanggal")
    assert (found.articles, found.left_out, found.unread) == ({"2024-03": 1}, 1, 2)


def test_a_line_break_in_a_name_does_not_break_the_table(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text('outlet,merit_decision\n"a\nb",yes\n')

    assert table(trends(tmp_path / "o.csv", "outlet", "outlet")).splitlines()[2].startswith("| a b | 1 |")


def test_a_folder_without_parts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "_SUCCESS").touch()

    with pytest.raises(InputRejectedError, match="no parts of a run"):
        trends(tmp_path, "month", "date")
