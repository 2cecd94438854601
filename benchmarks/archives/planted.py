"""Archives with planted bad rows, and the ledger of what was planted where."""

import csv
import io
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

Row = dict[str, str]

# What a row of JSON lines becomes, given as bytes without its line end.
JSONL: dict[str, Callable[[Row], bytes]] = {
    "cut": lambda row: _json(row)[:-9],
    "not utf-8": lambda row: _json(row)[:-3] + b"\xc0\xaf" + b'"}',
    "latin-1": lambda row: _json(row)[:-2] + b"\xe9" + b'"}',
    "array": lambda row: b"[" + _json(row) + b"]",
    "null": lambda _: b"null",
    "number": lambda _: b"17",
    "string": lambda _: b'"text"',
    "no text": lambda row: _json({"id": row["id"]}),
    "text null": lambda row: _json(row | {"text": None}),
    "text number": lambda row: _json(row | {"text": 3}),
    "text list": lambda row: _json(row | {"text": ["a"]}),
    "title object": lambda row: _json(row | {"title": {}}),
    "id truth value": lambda row: _json(row | {"id": True}),
    "key twice": lambda row: b'{"text":"a",' + _json(row)[1:],
    "key twice, escaped": lambda row: b'{"te\\u0078t":"a",' + _json(row)[1:],
    "NaN": lambda row: b'{"x":NaN,' + _json(row)[1:],
    "1e999": lambda row: b'{"x":1e999,' + _json(row)[1:],
    "NUL": lambda row: b'{"title":"\\u0000",' + _json(row)[1:],
    "half a pair": lambda row: b'{"title":"\\ud800",' + _json(row)[1:],
    "two objects": lambda row: _json(row) + _json(row),
    "control character": lambda row: b'{"title":"\x07",' + _json(row)[1:],
    "nested": lambda row: b'{"x":' + b"[" * 20_000 + b"]" * 20_000 + b"," + _json(row)[1:],
}
# What a row of a table becomes; the last line of a quoted cell is a line of its own in the file.
CSV: dict[str, Callable[[Row], bytes]] = {
    "too few fields": lambda row: row["id"].encode(),
    "too many fields": lambda row: _csv(row) + b",x",
    "open quote": lambda row: f'{row["id"]},"tanpa akhir'.encode(),
    "quote inside": lambda row: f'{row["id"]},dua "kata" di sini,'.encode(),
    "text after quote": lambda row: f'{row["id"]},"dua" kata,'.encode(),
    "not utf-8": lambda row: f"{row['id']},".encode() + b"\xff\xfe,",
    "NUL": lambda row: f"{row['id']},a\0b,".encode(),
    "lone carriage return": lambda row: f"{row['id']},a\rb,".encode(),
}
# What a cell of Parquet becomes.
PARQUET: dict[str, Callable[[Row], dict[str, bytes | None]]] = {
    "text null": lambda row: _cells(row) | {"text": None},
    "text not utf-8": lambda row: _cells(row) | {"text": b"\xc0\xaf"},
    "text NUL": lambda row: _cells(row) | {"text": b"a\0"},
    "id not utf-8": lambda row: _cells(row) | {"id": b"\xff"},
    "title half a pair": lambda row: _cells(row) | {"title": b"\xed\xa0\x80"},
}
KINDS = len(JSONL) + len(CSV) + len(PARQUET)


@dataclass
class Ledger:
    """What a planted archive must give: the ids of the good rows, in order, and the places of the bad ones."""

    ids: list[str] = field(default_factory=list)
    bad: dict[tuple[str, int], str] = field(default_factory=dict)


def plant(folder: Path, rows: int, texts: list[str], seed: int = 0, share: float = 0.01) -> Ledger:
    """Write ``a.jsonl``, ``b.csv`` and ``c.parquet`` of `rows` rows together, `share` of them bad."""
    rng = random.Random(seed)
    ledger = Ledger()
    third = rows // 3
    _plant_jsonl(folder / "a.jsonl", rows - 2 * third, texts, rng, share, ledger)
    _plant_csv(folder / "b.csv", third, texts, rng, share, ledger)
    _plant_parquet(folder / "c.parquet", third, texts, rng, share, ledger)
    return ledger


def _row(name: str, texts: list[str], rng: random.Random) -> Row:
    text = rng.choice(texts)
    odd = rng.random()
    if odd < 0.1:
        text = f'{text}\nBaris kedua, "dikutip".\u2028Ketiga\u0085'
    return {"id": name, "text": text, "title": "" if odd < 0.5 else "Judul, pendek"}


def _is_bad(number: int, rows: int, rng: random.Random, share: float) -> bool:
    # The first and the last row are always bad: edges are where readers err.
    return number in (0, rows - 1) or rng.random() < share


def _plant_jsonl(path: Path, rows: int, texts: list[str], rng: random.Random, share: float, ledger: Ledger) -> None:
    kinds = list(JSONL)
    with path.open("wb") as file:
        line, planted = 1, 0
        for number in range(rows):
            row = _row(f"a{number:07}", texts, rng)
            if _is_bad(number, rows, rng, share):
                kind = kinds[planted % len(kinds)]
                planted += 1
                raw = JSONL[kind](row) + b"\n"
                ledger.bad[str(path), line] = kind
            else:
                raw = _json(row) + rng.choice([b"\n", b"\r\n", b"\n\n"])
                ledger.ids.append(row["id"])
            file.write(raw)
            line += raw.count(b"\n")


def _plant_csv(path: Path, rows: int, texts: list[str], rng: random.Random, share: float, ledger: Ledger) -> None:
    kinds = list(CSV)
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbfid,text,title\n")
        line, planted = 2, 0
        for number in range(rows):
            row = _row(f"b{number:07}", texts, rng)
            if _is_bad(number, rows, rng, share):
                kind = kinds[planted % len(kinds)]
                planted += 1
                raw = CSV[kind](row) + b"\n"
                ledger.bad[str(path), line] = kind
            else:
                raw = _csv(row) + b"\n"
                ledger.ids.append(row["id"])
            file.write(raw)
            line += raw.count(b"\n")


def _plant_parquet(path: Path, rows: int, texts: list[str], rng: random.Random, share: float, ledger: Ledger) -> None:
    kinds = list(PARQUET)
    names = ("id", "text", "title")
    cells: list[dict[str, bytes | None]] = []
    planted = 0
    for number in range(rows):
        row = _row(f"c{number:07}", texts, rng)
        if _is_bad(number, rows, rng, share):
            kind = kinds[planted % len(kinds)]
            planted += 1
            cells.append(PARQUET[kind](row))
            ledger.bad[str(path), number + 1] = kind
        else:
            cells.append(_cells(row))
            ledger.ids.append(row["id"])
    columns = [pa.array([cell[name] for cell in cells], pa.binary()).view(pa.string()) for name in names]
    pq.write_table(pa.table(dict(zip(names, columns, strict=True))), path, row_group_size=max(1, rows // 5))


def _json(row: object) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode()


def _csv(row: Row) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(row.values())
    return text.getvalue().encode()[:-1]


def _cells(row: Row) -> dict[str, bytes | None]:
    return {name: value.encode() for name, value in row.items()}


def found(rejects: Path) -> dict[tuple[str, int], str]:
    """Read what a run rejected, by file and line."""
    lines = [json.loads(line) for line in rejects.read_bytes().splitlines()]
    assert len({(line["file"], line["line"]) for line in lines}) == len(lines)
    return {(line["file"], line["line"]): line["reason"] for line in lines}
