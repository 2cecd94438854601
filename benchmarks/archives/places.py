"""Whatever is wrong with inputs and outputs: the exit code, the one line, and that nothing half stands under a name.

    python -m benchmarks.archives.places [--write]       the full disk and the read-only one need root, for a mount

Every case runs the command; what changes in the middle of a run changes while the run is stopped by a signal.
"""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.archives.bench import ENVIRONMENT, Bench
from benchmarks.archives.rounds import show

Case = tuple[int, str]


def _said(bench: Bench, *arguments: str) -> Case:
    done = subprocess.run(
        [*bench.command[:3], *arguments, "--model", "model.npz", "--max-rejected", "2"],
        cwd=bench.folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stderr


def _paused(bench: Bench, change: Callable[[], object]) -> Case:
    """Change something once the plan stands and parts are still to be read."""
    bench.options = ("--jobs", "1")
    run = bench.start("o.jsonl")
    while run.poll() is None and not (bench.folder / "o.jsonl.parts/manifest.json").exists():
        time.sleep(0.001)
    run.send_signal(signal.SIGSTOP)
    assert run.poll() is None
    change()
    run.send_signal(signal.SIGCONT)
    _, said = run.communicate(timeout=120)
    return run.returncode, said


@contextlib.contextmanager
def _mounted(folder: Path, options: str) -> Iterator[None]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _full(bench: Bench) -> Case:
    with _mounted(bench.folder / "disk", "size=24k"):
        found = _said(bench, "more.csv", "-o", "disk/o.jsonl")
        assert not (bench.folder / "disk/o.jsonl").exists()
    return found


def _read_only(bench: Bench) -> Case:
    with _mounted(bench.folder / "disk", "ro,size=64k"):
        return _said(bench, "more.csv", "-o", "disk/o.jsonl")


def _foreign(bench: Bench) -> Case:
    (bench.folder / "out").mkdir()
    (bench.folder / "out/thesis.doc").write_text("mine")
    found = _said(bench, "more.csv", "-o", "out/")
    assert os.listdir(bench.folder / "out") == ["thesis.doc"]
    return found


def _linked(bench: Bench, name: str, *arguments: str) -> Case:
    (bench.folder / name).parent.mkdir(exist_ok=True)
    (bench.folder / name).symlink_to(bench.folder / "more.csv")
    return _said(bench, *arguments)


def _twice(bench: Bench) -> Case:
    """Start a second run while the first one is stopped."""
    found: list[Case] = []
    code, said = _paused(bench, lambda: found.append(_said(bench, "in.jsonl.gz", "more.csv", "-o", "o.jsonl")))
    assert code == 0, said
    return found[0]


def _resumed(bench: Bench, *more: str) -> Case:
    assert bench.run("o.jsonl").returncode == 0
    before = {path: path.read_bytes() for path in bench.folder.rglob("*") if path.is_file()}
    found = _said(bench, "in.jsonl.gz", "more.csv", "-o", "o.jsonl", *more)
    assert before == {path: path.read_bytes() for path in bench.folder.rglob("*") if path.is_file()}
    return found


def _cut(bench: Bench) -> Case:
    packed = bench.folder / "in.jsonl.gz"
    packed.write_bytes(packed.read_bytes()[:-20])
    return _said(bench, "in.jsonl.gz", "-o", "o.jsonl")


def _rewritten(bench: Bench) -> Case:
    csv = bench.folder / "more.csv"
    return _paused(bench, lambda: csv.write_bytes(csv.read_bytes().replace(b"camat", b"lurah").replace(b"ASN", b"PNS")))


CASES: dict[str, tuple[int, Callable[[Bench], Case]]] = {
    "the disk is full": (5, _full),
    "the output is on a read-only disk": (5, _read_only),
    "an input is not there": (3, lambda b: _said(b, "none.jsonl", "-o", "o.jsonl")),
    "an input vanishes while it is read": (3, lambda b: _paused(b, (b.folder / "more.csv").unlink)),
    "an input changes while it is read": (3, _rewritten),
    "a packed input is cut": (3, _cut),
    "an input is a link": (3, lambda b: _linked(b, "link.csv", "link.csv", "-o", "o.jsonl")),
    "a folder of inputs has a link": (3, lambda b: _linked(b, "news/link.csv", "news", "-o", "o.jsonl")),
    "`..` in a pattern": (3, lambda b: _said(b, "../*/more.csv", "-o", "o.jsonl")),
    "the output is a link": (5, lambda b: _linked(b, "o.jsonl", "in.jsonl.gz", "-o", "o.jsonl")),
    "the output stands in the input": (2, lambda b: _said(b, ".", "-o", "o.jsonl")),
    "the output is the input": (2, lambda b: _said(b, "more.csv", "-o", "more.csv", "--to", "csv")),
    "the output's folder has files of others": (5, _foreign),
    "the output's folder is not there": (5, lambda b: _said(b, "more.csv", "-o", "none/o.jsonl")),
    "another run works in the same place": (6, _twice),
    "the same place with other options": (6, lambda b: _resumed(b, "--part-mb", "0.003")),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="into docs/archives.md")
    given = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name) / "bench", 20, "--jobs", "1")
        for number, (case, (expected, run)) in enumerate(CASES.items()):
            folder = Path(name) / str(number)
            shutil.copytree(bench.folder, folder)
            shutil.rmtree(folder / "expected.jsonl.parts")
            (folder / "expected.jsonl").unlink()
            one = bench.at(folder)
            code, said = run(one)
            assert code == expected, (case, code, said)
            assert said.count("\n") == 1, (case, said)
            if not (folder / "o.jsonl").is_symlink():
                one.check_whole("o.jsonl")
            rows.append((case, str(code), f"`{said.strip().replace(name, '…').replace('`', '')}`"))
    show("places", rows, ("`python -m benchmarks.archives.places`: when", "exit", "the line"), given.write)


if __name__ == "__main__":
    main()
