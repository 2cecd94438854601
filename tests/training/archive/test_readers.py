import os
import tracemalloc
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from classifier import InputRejectedError
from tests.conftest import MERIT
from training.archive.documents import Document
from training.archive.options import Options
from training.archive.plan import make
from training.archive.readers import Reject, Span, _chosen
from training.archive.records import MAX_ROW_BYTES
from training.archive.sources import Source


def _read(path: Path, **options: Any) -> list[Document | Reject]:
    kind = path.suffix.removeprefix(".")
    return list(make("", Options(**options), [Source(path.name, kind, str(path))]).read())


def _parquet(folder: Path, **columns: pa.Array) -> Path:
    pq.write_table(pa.table(columns), folder / "in.parquet")
    return folder / "in.parquet"


@pytest.mark.parametrize("kind", ["string", "large_string", "string_view", "binary", "large_binary", "binary_view"])
def test_text_is_taken_from_parquet_however_it_is_held(tmp_path: Path, kind: str) -> None:
    column = pa.array([MERIT, None]).cast("binary").cast(getattr(pa, kind)())

    first, second = _read(_parquet(tmp_path, text=column))

    assert isinstance(first, Document)
    assert first.text == MERIT
    assert isinstance(second, Reject)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([1700000000123456789], pa.timestamp("ns")), "2023-11-14 22:13:20.123456789"),
        (pa.array([10**17 * 3], pa.timestamp("us")), "11476-08-15 05:20:00.000000"),
        (pa.array([datetime(2024, 1, 2, 3)], pa.timestamp("ms", "UTC")), "2024-01-02 03:00:00.000Z"),
        (pa.array([datetime(2024, 1, 2)], pa.date32()), "2024-01-02"),
        (pa.array([5], pa.time64("ns")), "00:00:00.000000005"),
    ],
    ids=["nanoseconds", "beyond the year 9999", "a time zone", "a day", "a time of day"],
)
def test_a_kept_time_of_parquet_is_text_with_all_its_digits(tmp_path: Path, column: pa.Array, expected: str) -> None:
    (row,) = _read(_parquet(tmp_path, text=pa.array([MERIT]), date=column))

    assert isinstance(row, Document)
    assert row.kept == {"date": expected}


def test_a_value_that_python_cannot_hold_is_refused_in_one_line_with_its_file(tmp_path: Path) -> None:
    far = pa.array([[10**18]], pa.list_(pa.timestamp("us")))

    with pytest.raises(InputRejectedError, match=r"in\.parquet, row group 0: .*OverflowError") as raised:
        _read(_parquet(tmp_path, text=pa.array([MERIT]), date=far))

    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("kind", ["txt", "html"])
def test_a_page_that_is_too_long_is_rejected_without_holding_it(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"in.{kind}"
    path.touch()
    os.truncate(path, 16 * MAX_ROW_BYTES)

    tracemalloc.start()
    try:
        (row,) = _read(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert isinstance(row, Reject)
    assert row.reason == "over 4 MiB"
    assert peak < 4 * MAX_ROW_BYTES


def test_how_many_rows_a_sample_draws_is_spread_as_by_chance() -> None:
    options = Options(sample=0.1)
    spans = [Span(f"news/{number:04}.jsonl", "jsonl", "", 0, 0, 1, 500, "") for number in range(200)]

    drawn = [sum(_chosen(span, line, options) for line in range(1, 501)) for span in spans]

    # The spread of 200 binomial counts lies within a tenth of its own in nineteen of twenty such draws.
    assert np.std(drawn) == pytest.approx(np.sqrt(500 * 0.1 * 0.9), rel=0.15)
    assert np.mean(drawn) == pytest.approx(50, abs=2)


@pytest.mark.parametrize("name", ["text", "date", "other"])
def test_two_columns_of_one_name_are_refused(tmp_path: Path, name: str) -> None:
    text = pa.array([MERIT])
    pq.write_table(pa.Table.from_arrays([text, text, text], names=["text", name, name]), tmp_path / "in.parquet")

    with pytest.raises(InputRejectedError, match="columns are called"):
        _read(tmp_path / "in.parquet")
