import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.archive import records as module
from training.archive.records import MAX_ROW_BYTES, records


def _raws(data: bytes, kind: str) -> list[bytes]:
    return [record.raw for record in records(io.BytesIO(data), kind)]


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1)))
def test_only_a_line_feed_ends_a_json_line(texts: list[str]) -> None:
    lines = [json.dumps(text, ensure_ascii=False).encode() for text in texts]

    assert lines == [raw.rstrip(b"\r\n") for raw in _raws(b"\r\n".join(lines), "jsonl")]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a,b\n", [(1, b"a,b\n", "")]),
        (b"a,b", [(1, b"a,b\n", "")]),
        (b'"a\r\nb",c\r\nd,e\n', [(1, b'"a\r\nb",c\r\n', ""), (3, b"d,e\n", "")]),
        (b'a,"b""c"\n\n\r\nd,e\n', [(1, b'a,"b""c"\n', ""), (4, b"d,e\n", "")]),
        (b'a,"b\nc,d\ne,"f"\n', [(1, b"", "quote"), (2, b"c,d\n", ""), (3, b'e,"f"\n', "")]),
        (b'a,"b\nc,d\ne,f', [(1, b"", "quote"), (2, b"c,d\n", ""), (3, b"e,f\n", "")]),
        (b'a,b"c"\nd,e\n', [(1, b"", "quote"), (2, b"d,e\n", "")]),
        (b'a,"b"c\nd,e\n', [(1, b"", "quote"), (2, b"d,e\n", "")]),
        (b'\xef\xbb\xbf"a","b\nc"\nd,e\n', [(1, b'\xef\xbb\xbf"a","b\nc"\n', ""), (3, b"d,e\n", "")]),
        (b"a\rb,c\nd,e\n", [(1, b"", "carriage return"), (2, b"d,e\n", "")]),
        (b'"a\rb",c\rd\ne,f\n', [(1, b"", "carriage return"), (2, b"e,f\n", "")]),
        (b"", []),
    ],
)
def test_a_quote_or_return_where_none_may_stand_costs_its_own_line_only(
    data: bytes, expected: list[tuple[int, bytes, str]]
) -> None:
    found = list(records(io.BytesIO(data), "csv"))

    assert [(line, raw) for line, raw, _ in expected] == [(record.line, record.raw) for record in found]
    assert all(reason in record.reason for (_, _, reason), record in zip(expected, found, strict=True))
    assert [bool(reason) for _, _, reason in expected] == [bool(record.reason) for record in found]


def test_a_row_of_tabs_is_a_row() -> None:
    assert _raws(b"\t\t\n", "tsv") == [b"\t\t\n"]


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
@pytest.mark.parametrize("size", [MAX_ROW_BYTES, MAX_ROW_BYTES + 1, 3 * MAX_ROW_BYTES])
def test_a_row_that_is_too_long_is_rejected_and_the_next_one_read(kind: str, size: int) -> None:
    data = b"a\n" + b"x" * (size - 1) + b"\nb\n"

    found = list(records(io.BytesIO(data), kind))

    assert [record.line for record in found] == [1, 2, 3]
    assert [False, size > MAX_ROW_BYTES, False] == [bool(record.reason) for record in found]
    assert [2, 2 + size, len(data)] == [record.end for record in found]


@given(st.binary().map(lambda b: b.replace(b"x", b'"').replace(b"y", b"\n").replace(b"z", b",")), st.data())
def test_a_table_cut_at_any_record_gives_the_same_records(noise: bytes, data: st.DataObject) -> None:
    table = b"a,b\n" + noise + b'\n"c","d\ne"\n'
    found = list(records(io.BytesIO(table), "csv"))
    cut = data.draw(st.integers(0, len(found) - 1))
    first, rest = found[:cut], found[cut:]

    at = rest[0].start
    before = list(records(io.BytesIO(table[:at]), "csv"))
    after = list(records(io.BytesIO(table[at:]), "csv", rest[0].line, at))

    assert (first, rest) == (before, after)


def test_how_much_is_read_at_once_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    table = b'a,"b\nc"\n' * 50 + b'd,"e\n' + b"f,g\n" * 50
    expected = list(records(io.BytesIO(table), "csv"))

    monkeypatch.setattr(module, "_BLOCK_BYTES", 7)

    assert expected == list(records(io.BytesIO(table), "csv"))
