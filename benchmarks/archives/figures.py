"""Speed, memory, bad rows and equality with the service, measured.

    python -m benchmarks.archives.figures speed       against kernel + json.loads and against a plain script
    python -m benchmarks.archives.figures memory      a million articles, resident memory as they go by
    python -m benchmarks.archives.figures planted     a million rows, one in a hundred bad
    python -m benchmarks.archives.figures identity    10,000 texts by HTTP and by batch

Texts are the labelled paragraphs in labels/paragraphs, some seven to an article.
"""

import argparse
import json
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from benchmarks.archives.planted import KINDS, found, plant
from benchmarks.archives.rounds import ROOT, show
from classifier import Classifier
from classifier.article import paragraphs
from training.archive import backends, part
from training.archive.backends import Backend
from training.archive.options import Options
from training.archive.run import Run

MODEL = ROOT / "model.npz"
Line = tuple[str, ...]


def labelled() -> list[dict[str, list[str] | str]]:
    files = sorted((ROOT / "labels/paragraphs").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def texts() -> list[str]:
    return [str(row["text"]) for row in labelled()]


def articles(n: int, paragraphs_each: int = 7) -> Iterator[bytes]:
    rng = random.Random(0)
    pool = texts()
    for number in range(n):
        text = "\n".join(rng.choices(pool, k=paragraphs_each))
        yield json.dumps({"id": str(number), "text": text}, ensure_ascii=False).encode() + b"\n"


def _run(folder: Path, name: str, jobs: int, *inputs: Path, max_rejected: int = 0) -> Path:
    target = folder / name
    Run(tuple(map(str, inputs)), str(target), MODEL, Options(), Backend("loky", jobs), max_rejected).score()
    return target


def _seconds(work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    start = clock()
    work()
    return clock() - start


def speed(n: int) -> list[Line]:
    """Measure all in turn, five rounds, and give medians.

    One core is measured in its own seconds, which others on the machine don't take; two cores by the clock on the wall.
    """
    classifier = Classifier.load(MODEL)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        archive = folder / "in.jsonl"
        archive.write_bytes(b"".join(articles(n)))
        size = archive.stat().st_size
        lines = archive.read_bytes().splitlines()
        cut = [p.text for line in lines for p in paragraphs(json.loads(line)["text"])]
        # What is several times slower than a run is measured on fewer articles.
        few = lines[:500]
        share = len(few) / n
        peer = _peer()
        runs = iter(range(1000))

        def run(jobs: int) -> None:
            target = _run(folder, f"{next(runs)}.jsonl", jobs, archive)
            target.unlink()

        rounds = np.array([
            (
                _seconds(lambda: [json.loads(line) for line in lines]) + _seconds(lambda: classifier.logits(cut)),
                _seconds(lambda: [classifier.classify(json.loads(line)["text"]) for line in few]) / share,
                _seconds(lambda: run(1)),
                _seconds(lambda: run(1), time.perf_counter),
                _seconds(lambda: run(2), time.perf_counter),
                _seconds(lambda: _plain(peer, few)) / share,
            )
            for _ in range(5)
        ])  # fmt: skip
    floor, whole, one, alone, two, plain = rounds.T

    def rate(seconds: NDArray[np.float64]) -> str:
        return f"{size / np.median(seconds) / 1e6:.3g} MB/s, {np.median(seconds) / n * 1e6:.3g} µs an article"

    def times(slow: NDArray[np.float64], fast: NDArray[np.float64]) -> str:
        ratios = slow / fast
        return f"{np.median(ratios):.2f} ({ratios.min():.2f}–{ratios.max():.2f})"

    return [
        ("logits of paragraphs cut beforehand + `json.loads`, one core", rate(floor)),
        ("`Classifier.classify` + `json.loads`, one core", rate(whole)),
        (
            "`asn-themes score --jobs 1`, JSONL to JSONL",
            f"{rate(one)}: {times(floor, one)} of the first line (bar 0.5)",
        ),
        ("`asn-themes score --jobs 2`", f"{rate(two)}: {times(alone, two)} times one (bar 1.7)"),
        (
            "a plain script with a scikit-learn union pipeline",
            f"{rate(plain)}: {times(plain, one)} times slower (bar 30)",
        ),
    ]


def _peer() -> Any:
    """Fit what a newsroom would write first: words and characters, one logistic regression a theme."""
    # Imported here: its 100 MB would stand in the figure on memory.
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import FeatureUnion, Pipeline

    rows = [row for row in labelled() if row["labels"]][:2000]
    themes = sorted({theme for row in rows for theme in row["labels"]})
    y = np.array([[theme in row["labels"] for theme in themes] for row in rows], dtype=int)
    union = FeatureUnion([
        ("words", TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)),
        ("characters", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)),
    ])  # fmt: skip
    model = OneVsRestClassifier(LogisticRegression(solver="liblinear"))
    return Pipeline([("features", union), ("model", model)]).fit([str(row["text"]) for row in rows], y)


def _plain(peer: Any, lines: list[bytes]) -> None:
    with tempfile.TemporaryFile("w") as file:
        for line in lines:
            article = json.loads(line)
            scores = peer.predict_proba(article["text"].split("\n")).max(axis=0)
            file.write(json.dumps({"id": article["id"], "scores": scores.tolist()}) + "\n")


def memory(n: int) -> list[Line]:
    """Score articles of one paragraph in one process, and read its memory after each part."""
    process = psutil.Process()
    samples: list[tuple[int, float]] = []
    with tempfile.TemporaryDirectory() as name:
        archive = Path(name) / "in.jsonl"
        with archive.open("wb") as file:
            file.writelines(articles(n, 1))
        score = part.score

        def watched(*given: Any) -> part.Done:
            done = score(*given)
            rows = done.articles + done.rejected + (samples[-1][0] if samples else 0)
            samples.append((rows, process.memory_info().rss / 2**20))
            return done

        backends.score = watched
        start = time.perf_counter()
        _run(Path(name), "o.jsonl", 1, archive)
        seconds = time.perf_counter() - start
    rows, rss = np.array(samples[len(samples) // 5 :]).T
    slope = np.polyfit(rows, rss, 1)[0] * 100_000 if len(rows) > 1 else float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said = f"peak {peak:.0f} MB (bar 400), slope {slope:.2f} MB a 100,000 rows (bar 1)"
    return [(f"memory over {n} articles ({seconds:.0f} s)", said)]


def planted(n: int) -> list[Line]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ledger = plant(folder, n, texts())
        start = time.perf_counter()
        inputs = [folder / file for file in ("a.jsonl", "b.csv", "c.parquet")]
        target = _run(folder, "o.jsonl", 2, *inputs, max_rejected=n)
        seconds = time.perf_counter() - start
        rejected = set(found(folder / "o.jsonl.parts/rejects.jsonl"))
        with target.open("rb") as file:
            ids = [json.loads(line)["id"] for line in file]
    named = f"{len(set(ledger.bad) - rejected)} not named, {len(rejected - set(ledger.bad))} good rows rejected"
    good = "all there, in order" if ids == ledger.ids else "MISSING OR OUT OF ORDER"
    what = f"{n} rows in three formats, {len(ledger.bad)} planted bad rows of {KINDS} kinds ({seconds:.0f} s)"
    return [(what, f"{named}; good rows {good}")]


def identity(n: int) -> list[Line]:
    from service.app import create_app
    from service.settings import Settings

    settings = Settings(model=MODEL)
    client = create_app(settings, Classifier.load(MODEL)).test_client()
    with tempfile.TemporaryDirectory() as name:
        archive = Path(name) / "in.jsonl"
        lines = list(articles(n, 1))
        archive.write_bytes(b"".join(lines))
        batch = [json.loads(line) for line in _run(Path(name), "o.jsonl", 2, archive).read_bytes().splitlines()]
    differing = 0
    for start in range(0, n, 200):
        documents = [json.loads(line) | {"paragraphs": False} for line in lines[start : start + 200]]
        answer = client.post("/classify", json={"documents": documents}).get_json()["results"]
        # repr: equal texts of floats are equal bits.
        differing += sum(
            repr(one["labels"]) != repr(other["labels"])
            for one, other in zip(answer, batch[start : start + 200], strict=True)
        )
    return [(f"{n} texts by `POST /classify` and by batch", f"{differing} with a differing bit")]


_FIGURES = {
    "speed": (speed, 200_000),
    "memory": (memory, 1_000_000),
    "planted": (planted, 1_000_000),
    "identity": (identity, 10_000),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figure", choices=_FIGURES)
    parser.add_argument("--rows", type=int, help="fewer rows than the full campaign has")
    parser.add_argument("--write", action="store_true", help="into docs/archives.md, in place of the last ones")
    given = parser.parse_args()
    measure, rows = _FIGURES[given.figure]
    rows = given.rows or rows
    head = f"`python -m benchmarks.archives.figures {given.figure} --rows {rows}`"
    show(given.figure, measure(rows), (head, "figure"), given.write)


if __name__ == "__main__":
    main()
