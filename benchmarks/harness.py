"""The real server as a process, and raw clients for it."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]


class LostError(Exception):
    """A request that was sent on an open connection and never answered whole."""


def free_port() -> int:
    with contextlib.closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def serving(
    model: Path, command: tuple[str, ...] = (), log: int | IO[bytes] = subprocess.DEVNULL, **settings: object
) -> Iterator[Server]:
    """Start the server, wait until it is ready, and stop it in the end; what it logs goes to `log`."""
    port = free_port()
    environment = {**os.environ, **{f"ASN_THEMES_{name.upper()}": str(value) for name, value in settings.items()}}
    line = command or (str(ROOT / "asn_themes.py"), "serve", "--model", str(model), "--port")
    with subprocess.Popen(
        [sys.executable, *line, str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=log,
        cwd=ROOT,
    ) as process:
        try:
            wait_for(port)
            yield Server(process, port)
        finally:
            process.terminate()
            process.wait(40)


def wait_for(port: int, path: str = "/livez", seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, LostError):
            if ask(port, b"GET " + path.encode() + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")[0]:
                return
        time.sleep(0.02)
    raise TimeoutError("the server did not become ready")


def request(text: str, *, close: bool = False, **fields: object) -> bytes:
    body = json.dumps({"text": text, **fields}).encode()
    return (
        b"POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + (b"Connection: close\r\n" if close else b"")
        + b"Content-Length: %d\r\n\r\n" % len(body)
        + body
    )


def connect(port: int, timeout: float = 30) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=timeout)


def ask(port: int, message: bytes) -> tuple[int, bytes]:
    with contextlib.closing(connect(port)) as connection:
        connection.sendall(message)
        status, body, _ = answer(connection)
        return status, body


def answer(connection: socket.socket) -> tuple[int, bytes, bool]:
    """Read one response: status, body, and whether the server closes behind it."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _receive(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = _LENGTH.search(head + b"\r\n")
    while length and len(body) < int(length.group(1)):
        body += _receive(connection)
    return int(head[9:12]), body, b"\r\nconnection: close" in head.lower()


def _receive(connection: socket.socket) -> bytes:
    try:
        data = connection.recv(1 << 16)
    except OSError as err:
        raise LostError(str(err)) from err
    if not data:
        raise LostError("closed")
    return data


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]
