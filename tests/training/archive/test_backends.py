import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.archives.planted import found
from tests.conftest import ROOT
from tests.training.archive.conftest import Score

# Every process of the run starts with this: the row that says RACUN ends or hangs the process that reads it.
POISON = """
import os, time
import training.archive.documents as documents
plain = documents.document
def document(fields, options):
    if fields.get("text") == "RACUN":
        {how}
    return plain(fields, options)
documents.document = document
"""
RUN = (
    "from training.archive import backends; backends._HANG_S = {limit}; from asn_themes import main; main({arguments})"
)


@pytest.mark.parametrize(("how", "limit"), [("os._exit(9)", 600), ("time.sleep(600)", 4)], ids=["dies", "hangs"])
def test_a_row_that_ends_its_worker_is_found_and_rejected_and_all_others_are_scored(
    archive: Path, model_path: Path, tmp_path: Path, score: Score, how: str, limit: int
) -> None:
    lines = archive.read_bytes().splitlines(keepends=True)
    score(archive, to=tmp_path / "expected.jsonl")
    deadly = json.dumps({"id": "x", "text": "RACUN"}).encode() + b"\n"
    archive.write_bytes(b"".join([*lines[:17], deadly, *lines[17:41], *([deadly] if limit > 60 else []), *lines[41:]]))
    (tmp_path / "sitecustomize.py").write_text(POISON.format(how=how))
    arguments = ["score", str(archive), "-o", str(tmp_path / "o.jsonl"), "--model", str(model_path), "--jobs", "2"]
    arguments += ["--part-mb", "0.01", "--max-rejected", "2"]

    done = subprocess.run(
        [sys.executable, "-c", RUN.format(limit=limit, arguments=arguments)],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, timeout=110,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    rejected = found(tmp_path / "o.jsonl.parts/rejects.jsonl")
    assert [line for _, line in rejected] == ([18, 43] if limit > 60 else [18])
    assert set(rejected.values()) == {"ended the process that scored it"}
    assert (tmp_path / "expected.jsonl").read_bytes() == (tmp_path / "o.jsonl").read_bytes()
