"""Kill a run wherever it can be killed, fail every call that changes a file, and compare what comes out.

python -m benchmarks.archives.faults random --rounds 200    kill -9 at a random moment, resume, compare
python -m benchmarks.archives.faults calls                  kill -9 at every mutating system call (needs strace)
python -m benchmarks.archives.faults ENOSPC                 fail every mutating system call instead; so EIO, EROFS
python -m benchmarks.archives.faults dask --rounds 30       kill a worker of a real cluster in the middle of a part
python -m benchmarks.archives.faults deadly                 a row that ends, or hangs, the worker that reads it

A campaign that was stopped goes on with the rounds that are missing (build/archives); --write puts its line into
docs/archives.md.
"""

import argparse
import contextlib
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import distributed

from benchmarks.archives.bench import ENVIRONMENT, ROOT, Bench
from benchmarks.archives.rounds import rounds, show

_MUTATING = "openat,mkdir,write,pwrite64,fchmod,fsync,rename,unlink,unlinkat,rmdir,ftruncate,sendfile,copy_file_range"
# Every process of a run starts with this: the row that says RACUN ends or hangs the process that reads it.
_DEADLY = """
import os, time
import training.archive.documents as documents
plain = documents.document
def document(fields, options, **more):
    if fields.get("text") == "RACUN":
        {how}
    return plain(fields, options, **more)
documents.document = document
"""
_WITH_LIMIT = (
    "import sys; from training.archive import backends; backends._HANG_S = {limit}; "
    "from asn_themes import main; main(sys.argv[1:])"
)


def random_kills(folder: Path, n: int) -> str:
    start = time.monotonic()
    bench = Bench(folder, 120, "--jobs", "2")
    seconds = time.monotonic() - start

    def one(key: str) -> dict[str, Any]:
        rng, kills = random.Random(key), 0
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
            bench.check_whole("o.jsonl")
        bench.check("o.jsonl")
        return {"kills": kills}

    found = rounds("random", map(str, range(n)), one)
    return f"{n} rounds, {_sum(found, 'kills')} kills: byte-identical ({_sum(found, 'seconds'):.0f} s)"


def calls(folder: Path, every: int, error: str | None) -> str:
    """Kill at, or fail, each call that changes a file of a small run, one run a call."""
    bench = Bench(folder, 20, "--jobs", "1")
    how = f"error={error}" if error else "signal=KILL"

    def one(key: str) -> dict[str, Any]:
        call, number = key.split()
        done = bench.run("o.jsonl", ("strace", "-f", "-o", "/dev/null", "-e", f"inject={call}:{how}:when={number}"))
        bench.check_whole("o.jsonl")
        if error:
            # A failed removal of what is no longer needed does no harm; all else must be said.
            assert done.returncode in (0, 5), (key, done.returncode, done.stderr)
            assert done.returncode == 0 or done.stderr.count("\n") == 1, (key, done.stderr)
        bench.check("o.jsonl")
        return {"exit": done.returncode}

    found = rounds(error or "calls", list(_mutations(bench))[::every], one)
    told = ", ".join(f"{call} {n}" for call, n in sorted(Counter(row["key"].split()[0] for row in found).items()))
    exits = Counter(row["exit"] for row in found)
    said = f"; exit 5 and one line {exits[5]} times, 0 {exits[0]} times" if error else ""
    return (
        f"{len(found)} of {len(found)} calls ({told}){said}: byte-identical after the same command again "
        f"({_sum(found, 'seconds'):.0f} s)"
    )


def _mutations(bench: Bench) -> Iterator[str]:
    """List the calls of an undisturbed run that change something in its folder, with their places in the count."""
    log = bench.folder / "calls.log"
    done = bench.run("o.jsonl", ("strace", "-f", "-y", "-o", str(log), "-e", f"trace={_MUTATING}"))
    assert done.returncode == 0, done.stderr
    bench.clear("o.jsonl")
    lines = log.read_text(errors="replace").splitlines()
    main = lines[0].split()[0]
    counts: Counter[str] = Counter()
    for line in lines:
        match = re.match(rf"{main}\s+(\w+)\(", line)
        if not match:
            assert "o.jsonl" not in line, line
            continue
        call = match.group(1)
        counts[call] += 1
        if "o.jsonl" in line and "write(2<" not in line and (call != "openat" or "O_CREAT" in line):
            yield f"{call} {counts[call]}"


def dask_kills(folder: Path, n: int) -> str:
    bench = Bench(folder, 600)

    def one(key: str) -> dict[str, Any]:
        rng = random.Random(key)
        with _cluster(bench.folder) as (address, workers):
            bench.options = ("--backend", "dask", "--scheduler", address)
            run = bench.start("o.jsonl")
            while run.poll() is None and not list(bench.folder.glob("o.jsonl.parts/.part-*")):
                time.sleep(0.002)
            time.sleep(rng.uniform(0, 0.3))
            kills = run.poll() is None
            rng.choice(workers).kill()
            _, said = run.communicate(timeout=120)
            assert run.returncode == 0, said
            bench.check("o.jsonl")
        return {"kills": int(kills)}

    found = rounds("dask", map(str, range(n)), one)
    return (
        f"{n} rounds, {_sum(found, 'kills')} of them with a worker killed while parts were scored: the bytes of loky "
        f"({_sum(found, 'seconds'):.0f} s)"
    )


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
        [sys.executable, "-m", "dask", *arguments], cwd=folder, env=ENVIRONMENT | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def deadly(folder: Path, ways: list[str]) -> str:
    """Put rows that end their worker among good ones: they, and no others, must be rejected."""
    bench = Bench(folder, 30)
    lines = (bench.folder / "more.csv").read_text().splitlines(keepends=True)
    (bench.folder / "more.csv").write_text("".join([*lines[:9], "x,RACUN\n", *lines[9:20], "x,RACUN\n", *lines[20:]]))

    def one(way: str) -> dict[str, Any]:
        how, limit = {"dies": ("os._exit(9)", 600), "hangs": ("time.sleep(600)", 8)}[way]
        (bench.folder / "sitecustomize.py").write_text(_DEADLY.format(how=how))
        command = [sys.executable, "-c", _WITH_LIMIT.format(limit=limit), *bench.command[2:], f"{way}.jsonl"]
        done = subprocess.run(
            [*command, "--jobs", "2", "--max-rejected", "4"], cwd=bench.folder, capture_output=True, text=True,
            env=ENVIRONMENT | {"PYTHONPATH": f"{bench.folder}:{ROOT}"}, timeout=600,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        rejects = (bench.folder / f"{way}.jsonl.parts/rejects.jsonl").read_text().splitlines()
        found = [row["line"] for row in map(json.loads, rejects) if row["reason"].startswith("ended the process")]
        assert found == [10, 22], found
        assert (bench.folder / f"{way}.jsonl").read_bytes() == bench.expected[0]
        return {}

    found = rounds("deadly", ways, one)
    told = " and ".join(ways)
    return (
        f"two rows whose worker {told}: both named with their lines, no other row lost ({_sum(found, 'seconds'):.0f} s)"
    )


def _sum(found: list[dict[str, Any]], name: str) -> Any:
    return sum(row[name] for row in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("campaign", choices=["random", "calls", "ENOSPC", "EIO", "EROFS", "dask", "deadly"])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--every", type=int, default=1, help="only every n-th call")
    parser.add_argument("--way", choices=["dies", "hangs"], action="append", help="what a deadly row does")
    parser.add_argument("--write", action="store_true", help="into docs/archives.md")
    given = parser.parse_args()
    campaigns: dict[str, Callable[[Path], str]] = {
        "random": lambda folder: random_kills(folder, given.rounds),
        "calls": lambda folder: calls(folder, given.every, None),
        "dask": lambda folder: dask_kills(folder, given.rounds),
        "deadly": lambda folder: deadly(folder, given.way or ["dies", "hangs"]),
    } | dict.fromkeys(("ENOSPC", "EIO", "EROFS"), lambda folder: calls(folder, given.every, given.campaign))
    with tempfile.TemporaryDirectory() as name:
        said = campaigns[given.campaign](Path(name))
    asked = " ".join(argument for argument in sys.argv[1:] if argument != "--write")
    show(given.campaign, [(f"`{asked}`", said)], ("`python -m benchmarks.archives.faults …`", "result"), given.write)


if __name__ == "__main__":
    main()
