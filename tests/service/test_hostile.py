r"""Hostile requests over raw sockets: one file each in ``tests/hostile``, with the statuses that are right.

A file is a head (``expect``: statuses, or ``none`` for a close without an answer), an empty line and the bytes: the
ends of its lines don't count, ``\r``, ``\n``, ``\xNN`` and ``\\`` are bytes, ``{{5000*A}}`` is a repetition.
"""

import contextlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.harness import LostError, Server, answer, ask, connect, request, serving
from tests.conftest import MERIT
from tests.patience import kept

FOLDER = Path(__file__).parents[1] / "hostile"
FILES = sorted(FOLDER.glob("*.txt"))
_ESCAPE = re.compile(r"\\x([0-9a-f]{2})|\\([rnt\\])|\{\{(\d+)\*((?:(?!\}\}).)+)\}\}")


@dataclass(frozen=True)
class Hostile:
    """A request and the statuses that are right for it."""

    expect: frozenset[str]
    message: bytes


def read(path: Path) -> Hostile:
    head, _, body = path.read_text("utf-8").partition("\n\n")
    (expect,) = re.findall(r"^expect: (.*)$", head, re.MULTILINE)
    return Hostile(frozenset(expect.split()), unescape(body.replace("\n", "")))


def unescape(text: str) -> bytes:
    parts: list[bytes] = []
    end = 0
    for match in _ESCAPE.finditer(text):
        parts.append(text[end : match.start()].encode())
        end = match.end()
        if match.group(1):
            parts.append(bytes.fromhex(match.group(1)))
        elif match.group(2):
            parts.append({"r": b"\r", "n": b"\n", "t": b"\t", "\\": b"\\"}[match.group(2)])
        else:
            parts.append(unescape(match.group(4)) * int(match.group(3)))
    return b"".join([*parts, text[end:].encode()])


@pytest.fixture(scope="module")
def server(model_path: Path) -> Iterator[Server]:
    with serving(model_path, body_deadline_s=1) as server:
        yield server


def send(server: Server, message: bytes) -> str:
    """Return the status, or ``none`` where the server closed without one."""
    with contextlib.closing(connect(server.port, timeout=30)) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(message)
        try:
            return str(answer(connection)[0])
        except LostError:
            return "none"


def wrongs(server: Server, path: Path) -> list[tuple[object, ...]]:
    """Send what a file holds, then an ordinary request; tell of both where one is not as it should be."""
    hostile = read(path)
    found: set[tuple[str, int]] = set()

    def seconds_of_the_next() -> float:
        status = send(server, hostile.message)
        start = time.monotonic()
        found.add((status, ask(server.port, request(MERIT, close=True))[0]))
        return time.monotonic() - start

    in_time = kept(1, seconds_of_the_next)
    is_right = in_time and found <= {(status, 200) for status in hostile.expect}
    return [] if is_right else [(path.name, found, sorted(hostile.expect), in_time)]


def test_there_are_at_least_three_hundred_files() -> None:
    assert len(FILES) >= 300


@pytest.mark.parametrize("part", range(8))
def test_a_hostile_request_gets_what_its_file_says_and_the_next_one_is_fine(server: Server, part: int) -> None:
    assert [wrong for path in FILES[part::8] for wrong in wrongs(server, path)] == []
