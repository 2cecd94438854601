"""Models swapped under load: each answer must name one of them and have its scores."""

import json
import signal
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import Server, ask, request, serving
from benchmarks.reliability.load import TEXT, Load
from benchmarks.reliability.usage import descriptors, rss_mib
from classifier import Classifier, modelfile
from classifier.features import Features
from classifier.files import publish
from classifier.model import Model

WHAT = "models swapped under load, two sizes (4 clients)"
WANTED = "1,000 swaps, 0 mixed, 0 errors"
SIZES = {"rounds": 1000}


def run(model: Path, rounds: int) -> dict[str, Any]:
    """Publish two models in turn; every answer is checked against what its model says."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.npz"
        first, _ = modelfile.load(model)
        variants = [modelfile.dump(first), modelfile.dump(_smaller(first))]
        expected = dict(_answer_of(data, path) for data in variants[::-1])
        versions = list(expected)[::-1]
        usage = []
        mixed = 0
        with serving(path) as server, Load(server.port, 4, lambda close: request(TEXT, close=close)) as load:
            for n in range(1, rounds + 1):
                publish(variants[n % 2], path)
                server.process.send_signal(signal.SIGHUP)
                _wait_until_left(server, versions[(n + 1) % 2])
                mixed += _count_mixed(load.bodies, expected)
                if n % max(1, rounds // 10) == 0:
                    usage.append((rss_mib(server), descriptors(server)))
        mixed += _count_mixed(load.bodies, expected)
    return {
        "rounds": rounds,
        "answered": load.outcomes["200"],
        "mixed": mixed,
        "errors": load.outcomes.total() - load.outcomes["200"],
        "rss_mib": [rss for rss, _ in usage],
        "descriptors": [n for _, n in usage],
    }


def say(found: dict[str, Any]) -> str:
    rss, open_files = found["rss_mib"], found["descriptors"]
    return (
        f"{found['rounds']:,} swaps, {found['answered']:,} answered: **{found['mixed']} mixed, {found['errors']} "
        f"errors**; memory of the workers {rss[0]} MiB after a tenth of them, {rss[-1]} at the end, descriptors "
        f"{open_files[0]} and {open_files[-1]}"
    )


def _answer_of(data: bytes, path: Path) -> tuple[str, Any]:
    publish(data, path)
    classifier = Classifier.load(path)
    return classifier.short_version, classifier.classify(TEXT).to_json()["scores"]


def _count_mixed(bodies: list[bytes], expected: dict[str, Any]) -> int:
    """Take what has been answered so far out of `bodies` and count what no one model would say."""
    mixed = 0
    while bodies:
        found = json.loads(bodies.pop())
        mixed += expected.get(found.get("model")) != found.get("scores")
    return mixed


def _smaller(model: Model) -> Model:
    words, *classes = model.features.terms
    n_words = len(words) // 4
    keep = np.r_[0:n_words, len(words) : len(model.features)]
    features = Features((words[:n_words], *classes), model.features.idf[keep])
    return replace(model, features=features, coef=model.coef[keep])


def _wait_until_left(server: Server, version: str) -> None:
    """Wait until no worker has model `version`."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        _, body = ask(server.port, b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        if f'model_info{{version="{version}"}} 0.0'.encode() in body:
            return
        time.sleep(0.01)
    raise TimeoutError(f"model {version} stays")
