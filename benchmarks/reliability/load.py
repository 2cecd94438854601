"""Clients that ask for as long as they are let."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable

from benchmarks.harness import ROOT, LostError, answer, connect

TEXT = (ROOT / "seeds" / "000_76956b78cd50b03e.txt").read_text()[:1500]


class Load:
    """Clients that ask without a pause, half of them on connections that they keep.

    `message` makes what each asks next; it is told whether the connection is to be closed behind it.
    """

    def __init__(self, port: int, clients: int, message: Callable[[bool], bytes]) -> None:
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
        connection: socket.socket | None = None
        while not self._stop.is_set():
            try:
                connection = connection or connect(self._port)
            except OSError:
                # Not accepted, so not lost; the server is going.
                self.outcomes["refused"] += 1
                time.sleep(0.02)
                continue
            connection = self._ask(connection, self._message(not keeps))
        if connection:
            connection.close()

    @property
    def lost(self) -> int:
        return sum(n for outcome, n in self.outcomes.items() if outcome.startswith("lost"))

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
