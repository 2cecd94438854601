"""The slowest documents that the limits let through, scored and written out in this process."""

import time
from pathlib import Path
from typing import Any

import orjson

from benchmarks.harness import ROOT
from classifier import Classifier
from service.settings import Settings

WHAT = "the slowest documents found of the longest length, with evidence, CPU time of one core"
WANTED = "well within the deadline of 15 s"
SIZES: dict[str, float] = {}


def run(model: Path) -> dict[str, Any]:
    classifier, longest = Classifier.load(model), Settings().max_chars
    article = (ROOT / "seeds" / "001_abc72230f2bd21ee.txt").read_text()
    texts = {
        "one word of a theme a line": "suap\n",
        "one letter a line": "a\n",
        "a sentence of a theme a line": "Jual beli jabatan membuat kepala dinas dijerat pasal suap.\n",
        "one class without end": "kepala dinas ",
        "an article again and again": article + "\n",
    }
    found = {}
    for name, text in texts.items():
        whole = (text * (longest // len(text) + 1))[:longest]
        start = time.process_time()
        answer = orjson.dumps(classifier.classify(whole, explain=True).to_json())
        found[name] = {"seconds": round(time.process_time() - start, 2), "megabytes": round(len(answer) / 1e6, 1)}
    return found


def say(found: dict[str, Any]) -> str:
    cases = sorted(found.items(), key=lambda case: -case[1]["seconds"])
    return "; ".join(f"{name}: {case['seconds']} s, {case['megabytes']} MB of answer" for name, case in cases)
