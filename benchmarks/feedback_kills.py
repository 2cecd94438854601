"""Kill -9 whatever stores feedback, at random moments under load, and look whether an acknowledged row is missing.

python -m benchmarks.feedback_kills --rounds 200            both databases; prints the table of docs/reliability.md
python -m benchmarks.feedback_kills --rounds 5 sqlite

A round: four clients send corrections without a pause to the real server with two workers; after a random time a
worker, the whole server or (PostgreSQL) a process of the database is killed; all that was acknowledged must be in the
database as it was sent.  What got no answer is sent again with its key, and must then be there once.
"""

import argparse
import contextlib
import itertools
import json
import os
import random
import signal
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from benchmarks import harness
from benchmarks.postgres import Postgres, postgres
from classifier import modelfile
from classifier.errors import StoreUnavailableError
from corrections import open_store
from tests.conftest import MERIT, make_model

KEY = "kunci"
_CLIENTS = 4
_READY_S = 30


@dataclass
class Ledger:
    """What clients sent, by its key: what was acknowledged, and what they don't know about."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def send(self, port: int, name: str) -> bool:
        try:
            status, body = harness.ask(port, _message(name))
        except (OSError, harness.LostError):
            status, body = 0, b""
        if status == 201:
            self.acknowledged[name] = json.loads(body)["id"]
        return status == 201


@dataclass
class Found:
    """What a campaign saw."""

    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    again: int = 0
    lost: int = 0
    doubled: int = 0
    seconds: float = 0.0

    def row(self, name: str) -> str:
        kills = ", ".join(f"{n} × {kind}" for kind, n in sorted(self.kills.items()))
        return (
            f"| {name} | {self.kills.total()} ({kills}) | {self.acknowledged:,} | **{self.lost}** | {self.again:,} | "
            f"**{self.doubled}** | {self.seconds:.0f} s |"
        )


def _message(name: str) -> bytes:
    body = json.dumps(
        {"text": f"{MERIT} {name}", "theme": "merit", "verdict": "no", "model": "0" * 12, "note": "x" * 200}
    ).encode()
    head = (
        f"POST /feedback HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {KEY}\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: {name}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Bench:
    """A server that is started again whenever it is gone, on one database."""

    def __init__(self, stack: contextlib.ExitStack, url: str, database: Postgres | None, seed: int) -> None:
        self._stack = stack
        self._database = database
        self._url = url
        self._random = random.Random(seed)
        self._model = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "model.npz"
        modelfile.save(make_model(), self._model)
        self._names = (f"n{n}" for n in itertools.count())
        self.found = Found()
        self._start()

    def _start(self) -> None:
        keys = sha256(KEY.encode()).hexdigest()
        self._server = self._stack.enter_context(
            harness.serving(self._model, workers=2, api_keys=keys, feedback=self._url, max_feedback=1_000_000)
        )

    def round(self) -> None:
        """Send, kill, compare."""
        ledger, stop = Ledger(), threading.Event()
        threads = [threading.Thread(target=self._client, args=(ledger, stop)) for _ in range(_CLIENTS)]
        for thread in threads:
            thread.start()
        time.sleep(self._random.uniform(0.05, 0.6))
        self._kill()
        stop.set()
        for thread in threads:
            thread.join()
        if self._server.process.poll() is not None:
            self._start()
        self._compare(ledger)

    def _client(self, ledger: Ledger, stop: threading.Event) -> None:
        while not stop.is_set():
            name = next(self._names)
            if not ledger.send(self._server.port, name):
                ledger.unknown.append(name)
                time.sleep(0.01)

    def _kill(self) -> None:
        kinds: dict[str, Callable[[], list[int]]] = {
            "a worker": lambda: self._random.sample(self._server.workers(), 1),
            "the server": lambda: [self._server.process.pid, *self._server.workers()],
        }
        if self._database:
            kinds["the database"] = lambda: self._random.sample(self._database_processes(), 1)
        untried = [kind for kind in kinds if kind not in self.found.kills]
        # A new server takes seconds, so it is killed less often than what comes back by itself.
        kind = untried[0] if untried else self._random.choices(list(kinds), [4, 1, 2][: len(kinds)])[0]
        self.found.kills[kind] += 1
        for pid in kinds[kind]():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if kind == "the server":
            self._server.process.wait()

    def _database_processes(self) -> list[int]:
        # Whichever of them it is, all the others end and the database recovers from its log.
        assert self._database
        pid = self._database.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def _compare(self, ledger: Ledger) -> None:
        sent = dict(ledger.acknowledged)
        for name in ledger.unknown:
            deadline = time.monotonic() + _READY_S
            while not ledger.send(self._server.port, name):
                assert time.monotonic() < deadline, "the server takes no more feedback"
                time.sleep(0.05)
        rows = {stored.receipt.id: stored.correction for stored in self._read()}
        texts = Counter(correction.text for correction in rows.values())
        there = {
            name for name, row in ledger.acknowledged.items() if row in rows and rows[row].text.endswith(f" {name}")
        }
        self.found.acknowledged += len(sent)
        self.found.again += len(ledger.unknown)
        self.found.lost += len(ledger.acknowledged.keys() - there)
        self.found.doubled = sum(n - 1 for n in texts.values())

    def _read(self) -> list[object]:
        if not self._database:
            with contextlib.closing(sqlite3.connect(self._url.removeprefix("sqlite:///"))) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        deadline = time.monotonic() + _READY_S
        while True:
            try:
                return open_store(self._url).read()
            except StoreUnavailableError:  # a database that was killed may still be recovering
                assert time.monotonic() < deadline, "the database does not come back"
                time.sleep(0.05)


@contextlib.contextmanager
def _sqlite() -> Iterator[tuple[str, None]]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/feedback.db", None


@contextlib.contextmanager
def _postgresql() -> Iterator[tuple[str, Postgres]]:
    with postgres() as server:
        yield server.url, server


DATABASES = {"sqlite": ("SQLite", _sqlite), "postgresql": ("PostgreSQL", _postgresql)}


def kills(database: str, rounds: int, seed: int = 1) -> Found:
    """Run the campaign on one database; the first rounds kill one of each kind."""
    start = time.monotonic()
    with contextlib.ExitStack() as stack:
        bench = Bench(stack, *stack.enter_context(DATABASES[database][1]()), seed)
        for _ in range(rounds):
            bench.round()
    bench.found.seconds = time.monotonic() - start
    return bench.found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("databases", nargs="*", choices=[*DATABASES, []], default=[])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(
        "| database | kills | acknowledged | lost | sent again | stored twice | took |\n|---|---|---|---|---|---|---|"
    )
    for database in given.databases or DATABASES:
        print(kills(database, given.rounds, given.seed).row(DATABASES[database][0]), flush=True)


if __name__ == "__main__":
    main()
