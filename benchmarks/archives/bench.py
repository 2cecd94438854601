"""A small archive with bad rows, the command that scores it, and the bytes that must come out."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from copy import copy
from pathlib import Path

from classifier import modelfile
from tests.conftest import AWARDS, INTEGRITY, MERIT, NEUTRALITY, make_model

ROOT = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
_LEFT = {"_SUCCESS", "lock", "manifest.json", "rejects.jsonl", "repeats.jsonl"}


class Bench:
    """See the module."""

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

    def at(self, folder: Path) -> "Bench":
        """Return the same in a copy of its folder."""
        other = copy(self)
        other.folder = folder
        return other

    @property
    def command(self) -> list[str]:
        return [
            sys.executable, str(ROOT / "asn_themes.py"), "score", "in.jsonl.gz", "more.csv",
            "--model", "model.npz", "--max-rejected", "2", "--part-mb", "0.002", *self.options, "-o",
        ]  # fmt: skip

    def run(self, target: str, before: tuple[str, ...] = ()) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*before, *self.command, target], cwd=self.folder, env=ENVIRONMENT, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip

    def _result(self, target: str) -> tuple[bytes, ...]:
        work = self.folder / f"{target}.parts"
        files = (self.folder / target, work / "rejects.jsonl", work / "repeats.jsonl")
        return tuple(file.read_bytes() for file in files)

    def check(self, target: str) -> None:
        """Assert that a resumed run left what an uninterrupted one leaves, and nothing else; then clear it away."""
        done = self.run(target)
        assert done.returncode == 0, done.stderr
        assert self._result(target) == self.expected
        left = {path.name for path in (self.folder / f"{target}.parts").iterdir()}
        assert left == _LEFT, left
        self.clear(target)

    def check_whole(self, target: str) -> None:
        """Assert that nothing stands under the final name, or all of it."""
        path = self.folder / target
        assert not path.exists() or path.read_bytes() == self.expected[0]

    def clear(self, target: str) -> None:
        shutil.rmtree(self.folder / f"{target}.parts", ignore_errors=True)
        (self.folder / target).unlink(missing_ok=True)

    def start(self, target: str) -> "subprocess.Popen[str]":
        # No output of ours: workers that outlive a killed run would hold it open.
        return subprocess.Popen(
            [*self.command, target], cwd=self.folder, env=ENVIRONMENT, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
