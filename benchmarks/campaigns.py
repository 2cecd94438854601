"""Long campaigns against the real server; each prints one line of JSON with what it found.

python -m benchmarks.campaigns sigterm --rounds 100
python -m benchmarks.campaigns swap --rounds 1000
python -m benchmarks.campaigns slow
python -m benchmarks.campaigns overload
python -m benchmarks.campaigns soak --seconds 900
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from benchmarks.harness import ROOT, LostError, Server, answer, ask, connect, percentile, request, serving
from classifier import Classifier, modelfile
from classifier.features import Features
from classifier.files import publish
from classifier.model import Model

MODEL = ROOT / "model.npz"
TEXT = (ROOT / "seeds" / "000_76956b78cd50b03e.txt").read_text()[:1500]


class Load:
    """Clients that ask without a pause, half of them on connections that they keep."""

    def __init__(self, port: int, clients: int, message: Callable[[bool], bytes], pause: float = 0.0) -> None:
        self._pause = pause
        self.outcomes: Counter[str] = Counter()
        self.seconds: list[float] = []
        self.bodies: list[bytes] = []
        self._port = port
        self._message = message
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(n % 2 == 0,)) for n in range(clients)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, keeps: bool) -> None:
        message = self._message(not keeps)
        connection: socket.socket | None = None
        while not self._stop.is_set():
            try:
                connection = connection or connect(self._port)
            except OSError:
                # Not accepted, so not lost; the server is going.
                self.outcomes["refused"] += 1
                time.sleep(0.02)
                continue
            connection = self._ask(connection, message)
            if self._pause:
                time.sleep(self._pause)
                message = self._message(not keeps)
        if connection:
            connection.close()

    def _ask(self, connection: socket.socket, message: bytes) -> socket.socket | None:
        start = time.perf_counter()
        try:
            connection.sendall(message)
            status, body, closes = answer(connection)
        except (OSError, LostError) as err:
            self.outcomes[f"lost: {err}"] += 1
            connection.close()
            return None
        self.seconds.append(time.perf_counter() - start)
        self.outcomes[str(status)] += 1
        self.bodies.append(body)
        if closes:
            connection.close()
            return None
        return connection


def sigterm(model: Path, rounds: int, seed: int = 1) -> dict[str, Any]:
    """Stop a server under load, again and again; nothing that it accepted may be lost."""
    random = Random(seed)
    outcomes: Counter[str] = Counter()
    exits: Counter[int] = Counter()
    for _ in range(rounds):
        with serving(model) as server, Load(server.port, 8, lambda close: request(TEXT, close=close)) as load:
            time.sleep(random.uniform(0.1, 0.4))
            server.process.send_signal(signal.SIGTERM)
            exits[server.process.wait(40)] += 1
        outcomes += load.outcomes
    lost = sum(n for outcome, n in outcomes.items() if outcome.startswith("lost"))
    return {
        "rounds": rounds,
        "answered": outcomes["200"],
        "lost": lost,
        "exits": dict(exits),
        "outcomes": dict(outcomes),
    }


def swap(first: Path, rounds: int, folder: Path) -> dict[str, Any]:
    """Publish two models in turn under load; each answer must name one of them and have its scores."""
    model, _ = modelfile.load(first)
    path = folder / "model.npz"
    variants = [modelfile.dump(model), modelfile.dump(_smaller(model))]
    expected: dict[str, Any] = {}
    for data in variants:
        publish(data, path)
        classifier = Classifier.load(path)
        expected[classifier.short_version] = classifier.classify(TEXT).to_json()["scores"]
    versions = list(expected)
    rss = []
    with serving(path) as server:
        with Load(server.port, 4, lambda close: request(TEXT, close=close)) as load:
            for n in range(rounds):
                publish(variants[n % 2], path)
                server.process.send_signal(signal.SIGHUP)
                _wait_until_left(server, versions[(n + 1) % 2])
                if n % 50 == 49:
                    rss.append(_rss_mib(server))
        mixed = sum(not _whole(body, expected) for body in load.bodies)
        lost = sum(n for outcome, n in load.outcomes.items() if outcome != "200")
        return {"rounds": rounds, "answered": load.outcomes["200"], "mixed": mixed, "errors": lost, "rss_mib": rss}


def _smaller(model: Model) -> Model:
    words, *classes = model.features.terms
    n_words = len(words) // 4
    keep = np.r_[0:n_words, len(words) : len(model.features)]
    features = Features((words[:n_words], *classes), model.features.idf[keep])
    return replace(model, features=features, coef=model.coef[keep])


def _whole(body: bytes, expected: dict[str, Any]) -> bool:
    found = json.loads(body)
    return bool(expected.get(found["model"]) == found["scores"])


def _wait_until_left(server: Server, version: str) -> None:
    """Wait until no worker has model `version`."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        _, body = ask(server.port, b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        if f'model_info{{version="{version}"}} 0.0'.encode() in body:
            return
        time.sleep(0.01)
    raise TimeoutError(f"model {version} stays")


def slow(model: Path, clients: int, seconds: float) -> dict[str, Any]:
    """Measure good clients while others are silent, send slowly, or don't read."""
    silent = b""
    head = b"POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 9999\r\n"
    big = request((TEXT + "\n") * 20, explain=True)
    found: dict[str, Any] = {}
    for name, message in {
        "silent": silent,
        "half a head": head,
        "half a body": head + b"\r\nabc",
        "no reading": big,
    }.items():
        with serving(model) as server, contextlib.ExitStack() as stack:
            for _ in range(clients if name != "no reading" else clients // 10):
                connection = stack.enter_context(contextlib.closing(connect(server.port)))
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
                connection.sendall(message)
            with Load(server.port, 2, lambda close: request("ASN netral", close=close)) as load:
                time.sleep(seconds)
        found[name] = {"p99_ms": round(percentile(load.seconds, 0.99) * 1000, 1), "outcomes": dict(load.outcomes)}
    return {"clients": clients, **found}


def overload(model: Path, seconds: float, factor: float = 3.0) -> dict[str, Any]:
    """Offer `factor` times the capacity, open-loop, each request on its own connection."""
    message = request(TEXT, close=True)
    with serving(model) as server:
        with Load(server.port, 8, lambda _: message) as load:
            time.sleep(seconds / 2)
        capacity = load.outcomes["200"] / (seconds / 2)
        outcomes: Counter[str] = Counter()
        times: dict[int, list[float]] = {200: [], 503: []}

        def one() -> None:
            start = time.perf_counter()
            try:
                status, _ = ask(server.port, message)
            except (OSError, LostError) as err:
                outcomes[type(err).__name__] += 1
                return
            outcomes[str(status)] += 1
            times.setdefault(status, []).append(time.perf_counter() - start)

        offered, begin = 0, time.perf_counter()
        while (now := time.perf_counter() - begin) < seconds:
            for _ in range(int(now * capacity * factor) - offered):
                threading.Thread(target=one, daemon=True).start()
                offered += 1
            time.sleep(0.002)
        time.sleep(2)
    return {
        "capacity_per_s": round(capacity),
        "offered_per_s": round(offered / seconds),
        "goodput_share": round(outcomes["200"] / seconds / capacity, 2),
        "accepted_p99_ms": round(percentile(times[200], 0.99) * 1000),
        "shed_p99_ms": round(percentile(times[503] or [0.0], 0.99) * 1000),
        "outcomes": dict(outcomes),
    }


def soak(model: Path, seconds: float, pause: float) -> dict[str, Any]:
    """Serve good and bad requests for long, and watch memory and descriptors."""
    bad = request(TEXT).replace(b'{"text"', b'["text"')
    samples = []
    with serving(model) as server:
        messages = [request(TEXT, explain=True), request(TEXT * 12), bad]
        turn = iter(range(1 << 30))
        with Load(server.port, 3, lambda _: messages[next(turn) % 3], pause) as load:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                time.sleep(min(10.0, seconds / 6))
                samples.append((_rss_mib(server), _descriptors(server)))
                load.bodies.clear()
                load.seconds.clear()
        half = samples[len(samples) // 2 :]
        return {
            "seconds": seconds,
            "outcomes": dict(load.outcomes),
            "rss_mib_half_time": half[0][0],
            "rss_mib_end": half[-1][0],
            "descriptors": [half[0][1], half[-1][1]],
            "rss_mib": [sample[0] for sample in samples][:: max(1, len(samples) // 15)],
        }


def _rss_mib(server: Server) -> float:
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in server.workers())
    return round(pages * os.sysconf("SC_PAGESIZE") / 2**20, 1)


def _descriptors(server: Server) -> int:
    return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in server.workers())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("campaign", choices=["sigterm", "swap", "slow", "overload", "soak"])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between the requests of a client of the soak")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--model", type=Path, default=MODEL)
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        import tempfile

        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        found = {
            "sigterm": lambda: sigterm(given.model, given.rounds),
            "swap": lambda: swap(given.model, given.rounds, folder),
            "slow": lambda: slow(given.model, given.clients, given.seconds),
            "overload": lambda: overload(given.model, given.seconds),
            "soak": lambda: soak(given.model, given.seconds, given.pause),
        }[given.campaign]()
    sys.stdout.write(json.dumps({"campaign": given.campaign, **found}) + "\n")


if __name__ == "__main__":
    main()
