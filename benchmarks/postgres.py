"""A PostgreSQL server of one's own: Debian's binaries, a folder that goes again, a port on the loopback."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import free_port

BINARIES = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
WHY_NOT = "PostgreSQL is not installed; .ci/run installs it"
_START_S = 30


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server."""

    process: "subprocess.Popen[bytes]"
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """Start a server on an empty folder, wait until it answers, and stop it in the end."""
    assert BINARIES, WHY_NOT
    folder = Path(tempfile.mkdtemp(prefix="asn-themes-postgres-"))
    try:
        # It refuses to run as root.
        other = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        if other:
            shutil.chown(folder, "postgres", "postgres")
        data = folder / "data"
        initdb = [BINARIES / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]
        subprocess.run([*other, *initdb], check=True, stdout=subprocess.DEVNULL, cwd=folder)
        with _running(other, data, folder) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _running(other: list[str], data: Path, folder: Path) -> Iterator[Postgres]:
    port = free_port()
    given = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": folder}
    options = [part for name, value in given.items() for part in ("-c", f"{name}={value}")]
    assert BINARIES
    with subprocess.Popen(
        [*other, BINARIES / "postgres", "-D", data, *options], stderr=subprocess.DEVNULL, cwd=folder
    ) as process:
        try:
            wait_for(port)
            yield Postgres(process, port)
        finally:
            # A fast shutdown that meets a process that was just killed may wait for ever; the immediate one doesn't.
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_START_S)
            process.send_signal(signal.SIGQUIT)


def wait_for(port: int) -> None:
    assert BINARIES
    ask = [BINARIES / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    deadline = time.monotonic() + _START_S
    while subprocess.run(ask, check=False).returncode:
        if time.monotonic() > deadline:
            raise TimeoutError("PostgreSQL did not become ready")
        time.sleep(0.05)
