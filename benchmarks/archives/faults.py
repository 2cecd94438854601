"""Kill a run wherever it can be killed, fail every call that changes a file, and compare what comes out.

python -m benchmarks.archives.faults random --rounds 200    kill -9 at a random moment, resume, compare
python -m benchmarks.archives.faults calls                  kill -9 at every mutating system call (needs strace)
python -m benchmarks.archives.faults calls --error ENOSPC   fail every mutating system call instead
python -m benchmarks.archives.faults dask --rounds 30       kill a worker of a real cluster in the middle of a part
"""

import argparse
import contextlib
import gzip
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import distributed

from classifier import modelfile
from tests.conftest import AWARDS, INTEGRITY, MERIT, NEUTRALITY, make_model

ROOT = Path(__file__).parents[2]
_MUTATING = "openat,mkdir,write,pwrite64,fchmod,fsync,rename,unlink,unlinkat,rmdir,ftruncate,sendfile,copy_file_range"
_ENVIRONMENT = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}


class Bench:
    """A small archive with bad rows, the command that scores it, and the bytes that must come out."""

    def __init__(self, folder: Path, rows: int, *options: str) -> None:
        self.folder, self.options = folder, options
        folder.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps({"id": str(n), "text": f"{MERIT}\n{[AWARDS, INTEGRITY][n % 2]}"}) for n in range(rows)]
        lines[rows // 2] = '{"text": 1}'
        (folder / "in.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))
        (folder / "more.csv").write_text("id,text\n" + f'a,"{NEUTRALITY}"\n' * rows + 'b,"open\n')
        modelfile.save(make_model(), folder / "model.npz")
        done = self.run("expected.jsonl")
        assert done.returncode == 0, done.stderr
        self.expected = self._result("expected.jsonl")

    @property
    def command(self) -> list[str]:
        return [
            sys.executable, str(ROOT / "asn_themes.py"), "score", "in.jsonl.gz", "more.csv",
            "--model", "model.npz", "--max-rejected", "2", "--part-mb", "0.002", *self.options, "-o",
        ]  # fmt: skip

    def run(self, target: str, before: tuple[str, ...] = ()) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*before, *self.command, target], cwd=self.folder, env=_ENVIRONMENT, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip

    def _result(self, target: str) -> tuple[bytes, bytes]:
        return (self.folder / target).read_bytes(), (self.folder / f"{target}.parts/rejects.jsonl").read_bytes()

    def check(self, target: str) -> None:
        """Assert that a resumed run left what an uninterrupted one leaves, and nothing else; then clear it away."""
        done = self.run(target)
        assert done.returncode == 0, done.stderr
        assert self._result(target) == self.expected
        left = {path.name for path in (self.folder / f"{target}.parts").iterdir()}
        assert left == {"_SUCCESS", "lock", "manifest.json", "rejects.jsonl"}, left
        self.clear(target)

    def clear(self, target: str) -> None:
        shutil.rmtree(self.folder / f"{target}.parts", ignore_errors=True)
        (self.folder / target).unlink(missing_ok=True)

    def start(self, target: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*self.command, target], cwd=self.folder, env=_ENVIRONMENT, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip


def random_kills(rounds: int, seed: int) -> str:
    rng = random.Random(seed)
    kills = 0
    with tempfile.TemporaryDirectory() as name:
        start = time.monotonic()
        bench = Bench(Path(name), 120, "--jobs", "2")
        seconds = time.monotonic() - start
        for _ in range(rounds):
            for _ in range(rng.choice([1, 1, 2, 3])):
                run = bench.start("o.jsonl")
                time.sleep(rng.uniform(0, seconds))
                kills += run.poll() is None
                # The parent alone, whose workers then go on as ghosts for a moment, or all of them.
                with contextlib.suppress(ProcessLookupError):
                    rng.choice([os.kill, os.killpg])(run.pid, signal.SIGKILL)
                # Not communicate: ghosts hold the pipe until loky finds them idle, five minutes later.
                run.wait()
                assert run.stderr
                run.stderr.close()
                assert (
                    not (bench.folder / "o.jsonl").exists()
                    or bench.expected[0] == (bench.folder / "o.jsonl").read_bytes()
                )
            bench.check("o.jsonl")
    return f"{rounds} rounds, {kills} kills: byte-identical"


def calls(error: str | None, every: int) -> str:
    """Kill at, or fail, each call that changes a file of a small run, one run a call."""
    tried: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), 20, "--jobs", "1")
        how = f"error={error}" if error else "signal=KILL"
        for call, number in list(_mutations(bench))[::every]:
            inject = ("strace", "-f", "-o", "/dev/null", "-e", f"inject={call}:{how}:when={number}")
            done = bench.run("o.jsonl", inject)
            tried[call] += 1
            whole = bench.folder / "o.jsonl"
            assert not whole.exists() or whole.read_bytes() == bench.expected[0], (call, number)
            if error:
                # A failed removal of what is no longer needed does no harm; all else must be said.
                assert done.returncode in (0, 5), (call, number, done.returncode, done.stderr)
                assert done.returncode == 0 or done.stderr.count("\n") == 1, (call, number, done.stderr)
            bench.check("o.jsonl")
    told = ", ".join(f"{call} {n}" for call, n in sorted(tried.items()))
    return f"{sum(tried.values())} calls ({told}): byte-identical after the same command again"


def _mutations(bench: Bench) -> Iterator[tuple[str, int]]:
    """List the calls of an undisturbed run that change something in its folder, with their places in the count."""
    log = bench.folder / "calls.log"
    done = bench.run("o.jsonl", ("strace", "-f", "-y", "-o", str(log), "-e", f"trace={_MUTATING}"))
    assert done.returncode == 0, done.stderr
    bench.clear("o.jsonl")
    lines = log.read_text(errors="replace").splitlines()
    main = lines[0].split()[0]
    counts: Counter[str] = Counter()
    found = []
    for line in lines:
        match = re.match(rf"{main}\s+(\w+)\(", line)
        if not match:
            assert "o.jsonl" not in line, line
            continue
        call = match.group(1)
        counts[call] += 1
        if "o.jsonl" in line and "write(2<" not in line and (call != "openat" or "O_CREAT" in line):
            found.append((call, counts[call]))
    yield from found


def dask_kills(rounds: int, seed: int) -> str:
    rng = random.Random(seed)
    kills = 0
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), 600)
        for _ in range(rounds):
            with _cluster(bench.folder) as (address, workers):
                bench.options = ("--backend", "dask", "--scheduler", address)
                run = bench.start("o.jsonl")
                while run.poll() is None and not list(bench.folder.glob("o.jsonl.parts/.part-*")):
                    time.sleep(0.002)
                time.sleep(rng.uniform(0, 0.3))
                kills += run.poll() is None
                rng.choice(workers).kill()
                _, said = run.communicate(timeout=120)
                assert run.returncode == 0, said
                bench.check("o.jsonl")
    return f"{rounds} rounds, {kills} of them with a worker killed while parts were scored: the bytes of loky"


@contextlib.contextmanager
def _cluster(folder: Path) -> Iterator[tuple[str, list["subprocess.Popen[bytes]"]]]:
    """Start a scheduler and two worker processes on free ports of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    scheduler = _dask(folder, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    worker = ("worker", address, "--nworkers", "1", "--nthreads", "1", "--no-nanny", "--no-dashboard")
    workers = [_dask(folder, *worker) for _ in range(2)]
    try:
        with distributed.Client(address, timeout="30s") as client:
            client.wait_for_workers(2, timeout=60)
        yield address, workers
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


def _dask(folder: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments], cwd=folder, env=_ENVIRONMENT | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("campaign", choices=["random", "calls", "dask"])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--every", type=int, default=1, help="only every n-th call")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--error", choices=["ENOSPC", "EIO", "EROFS"])
    given = parser.parse_args()
    start = time.monotonic()
    if given.campaign == "calls":
        said = calls(given.error, given.every)
    else:
        said = (random_kills if given.campaign == "random" else dask_kills)(given.rounds, given.seed)
    print(f"{said}; {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
