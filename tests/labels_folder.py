"""A small labels folder, written anew for each test that asks for it."""

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import AWARDS, FURNITURE, INTEGRITY, MERIT, NEUTRALITY, NOTHING, PERFORMANCE, ROOT, THEMES

LEXICON = """
[person]
about = "who"
[person.servant]
about = "civil servants"
words = ["asn", "camat", "lurah", "kepala dinas*", "pegawai"]
[deed]
about = "what"
[deed.post_given]
about = "posts given"
words = ["melantik", "seleksi terbuka"]
[deed.post_bought]
about = "posts bought"
words = ["jual beli jabatan", "suap"]
"""
_PLACES = "Ambon Bitung Cilacap Demak Ende Fakfak Garut Halmahera Indramayu Jember Kupang Lamongan".split()


def record(name: str, text: str, labels: list[str], **fields: object) -> dict[str, object]:
    given = {
        "id": name,
        "text": text,
        "labels": labels,
        "boilerplate": False,
        "source": "written",
        "annotator": "a",
        "guide": 1,
    }
    return given | fields


def write(folder: Path, rows: list[dict[str, object]], name: str = "paragraphs/a.jsonl") -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def rows() -> list[dict[str, object]]:
    """Make twelve paragraphs a theme, different enough to be twelve."""
    texts = dict(zip(THEMES, (NEUTRALITY, MERIT, INTEGRITY, PERFORMANCE, AWARDS), strict=True))
    found = []
    for i, place in enumerate(_PLACES):
        filler = " ".join(f"{place.lower()}{word}" for word in "satu dua tiga empat lima enam tujuh delapan".split())
        found += [record(f"{t}-{i}", f"{filler} {text}", [t], article=f"a{i}") for t, text in texts.items()]
        found.append(record(f"none-{i}", f"{filler} {NOTHING}", []))
        found.append(record(f"page-{i}", f"{FURNITURE} {filler}", [], article=f"a{i}", boilerplate=True))
    return found


@pytest.fixture
def folder(tmp_path: Path, rows: list[dict[str, object]]) -> Path:
    folder = tmp_path / "labels"
    folder.mkdir()
    shutil.copy(ROOT / "labels" / "themes.toml", folder)
    (folder / "lexicon.toml").write_text(LEXICON, encoding="utf-8")
    write(folder, rows)
    return folder
