"""Where the time of a row goes: each stage of a run alone, on one core.

python -m benchmarks.archives.stages [--write]
"""

import argparse
import hashlib
import io
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from benchmarks.archives.figures import MODEL, articles
from benchmarks.archives.rounds import show
from classifier import Classifier
from classifier.article import paragraphs
from training.archive import documents, part, plan, readers, repeats, rows, writers
from training.archive.options import Options
from training.archive.sources import Source

_ROWS, _REPEATS = 500, 60


def stages(folder: Path) -> dict[str, float]:
    """Return the microseconds an article of each stage, the best of some runs."""
    classifier, options = Classifier.load(MODEL), Options()
    lines = list(articles(_ROWS))
    path = folder / "in.jsonl"
    path.write_bytes(b"".join(lines))
    source = Source(str(path), "jsonl", str(path))
    (span,) = plan._text_spans(source, options, None)
    whole = plan.Part(0, (span,))
    cut = [piece.text for line in lines for piece in paragraphs(json.loads(line)["text"])]
    (batch, _), *_ = part._batches(readers.read(span, options, Path()), 1 << 30)
    given = [(document.text, document.title) for document in batch]
    fields = [field or "" for text, title in given for field in (title, text)]
    results = classifier.classify_many(given, paragraphs=False)
    scored = list(zip(batch, results, strict=True))
    answers = [row for document, result in scored for row in rows.objects(document, result, options)]
    written = orjson.dumps(answers)
    work: dict[str, Callable[[], Any]] = {
        "`json.loads` alone": lambda: [json.loads(line) for line in lines],
        "logits of paragraphs cut beforehand": lambda: classifier.logits(cut),
        "the plan: rows cut, counted and hashed": lambda: list(plan._text_spans(source, options, None)),
        "reading, all of it": lambda: list(part._batches(readers.read(span, options, Path()), 1 << 30)),
        "– from a line to a document": lambda: [documents.from_json(line, options) for line in lines],
        "– – by the strict decoder instead": lambda: [documents._strict(line) for line in lines],
        "– the hash of the input": lambda: readers.digest(path, 0, path.stat().st_size),
        "cut, logits and sums in the kernel": lambda: classifier.engine.articles(fields, False),
        "results, the kernel's work included": lambda: classifier.classify_many(given, paragraphs=False),
        "writing, all of it": lambda: writers.writer(io.BytesIO(), options, classifier.themes).write(scored),
        "– orjson": lambda: [orjson.dumps(answer) for answer in answers],
        "digests of ids": lambda: repeats.note(io.BytesIO(), whole, batch),
        "hashes of the output, two": lambda: [hashlib.sha256(written).digest() for _ in range(2)],
    }
    best = dict.fromkeys(work, float("inf"))
    for _ in range(_REPEATS):
        for name, run in work.items():
            start = time.process_time()
            run()
            best[name] = min(best[name], (time.process_time() - start) / _ROWS * 1e6)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="into docs/archives.md")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        lines = [(stage, f"{best:.1f}") for stage, best in stages(Path(name)).items()]
    show(
        "stages", lines, ("`python -m benchmarks.archives.stages`, one core, best of 60", "µs an article"), given.write
    )


if __name__ == "__main__":
    main()
