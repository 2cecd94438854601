"""Requests that come when they come, whether or not earlier ones have been answered; each on its own connection."""

import itertools
import selectors
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Asked:
    due: float
    sent: bool = False
    answer: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class Outcomes:
    """What became of requests: seconds to each answer by status, counted from when it was due; those without one."""

    seconds: dict[int, list[float]] = field(default_factory=dict)
    failed: int = 0
    offered: int = 0

    def of(self, status: int) -> list[float]:
        return self.seconds.get(status, [])


def offer(port: int, message: bytes, seconds: float, rate: float) -> Outcomes:
    """Send `rate` copies of `message` a second, evenly, for `seconds`, in one thread."""
    return _run(port, message, (n / rate for n in range(int(rate * seconds))), 1 << 30)


def saturate(port: int, message: bytes, n: int, clients: int) -> tuple[float, Outcomes]:
    """Send `n` copies of `message`, always `clients` at once; answers a second, and what became of them."""
    start = time.perf_counter()
    outcomes = _run(port, message, itertools.repeat(0.0, n), clients)
    return len(outcomes.of(200)) / (time.perf_counter() - start), outcomes


def _run(port: int, message: bytes, arrivals: Iterable[float], most_open: int) -> Outcomes:
    outcomes = Outcomes()
    poller = selectors.DefaultSelector()
    start = time.perf_counter()
    times = iter(arrivals)
    due = next(times, None)
    n_open = 0
    while due is not None or n_open:
        now = time.perf_counter() - start
        while due is not None and due <= now and n_open < most_open:
            _open(poller, port, start + (due or now))
            outcomes.offered += 1
            n_open += 1
            due = next(times, None)
        wait = 1.0 if due is None or n_open >= most_open else max(due - (time.perf_counter() - start), 0)
        for key, _ in poller.select(min(wait, 1.0)):
            n_open -= _advance(poller, key, message, outcomes)
    return outcomes


def _open(poller: selectors.BaseSelector, port: int, due: float) -> None:
    sock = socket.socket()
    sock.setblocking(False)
    sock.connect_ex(("127.0.0.1", port))
    poller.register(sock, selectors.EVENT_WRITE, _Asked(due))


def _advance(poller: selectors.BaseSelector, key: selectors.SelectorKey, message: bytes, outcomes: Outcomes) -> bool:
    """Send or receive; say whether the exchange is over."""
    sock: socket.socket = key.fileobj  # type: ignore[assignment]  # what _open registered
    asked: _Asked = key.data
    try:
        if not asked.sent:
            sock.sendall(message)
            asked.sent = True
            poller.modify(sock, selectors.EVENT_READ, asked)
            return False
        data = sock.recv(1 << 16)
    except OSError:
        data = b""
    asked.answer += data
    if data:
        return False
    poller.unregister(sock)
    sock.close()
    if asked.answer.startswith(b"HTTP/1.1 "):
        outcomes.seconds.setdefault(int(asked.answer[9:12]), []).append(time.perf_counter() - asked.due)
    else:
        outcomes.failed += 1
    return True
