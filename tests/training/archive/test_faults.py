import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize(
    "campaign",
    [["random", "--rounds", "1"], ["calls", "--every", "45"], ["EIO", "--every", "45"], ["dask", "--rounds", "1"],
     ["deadly", "--way", "dies"]],
    ids=["kill -9", "every 45th call killed", "every 45th call failing", "a cluster losing a worker",
         "rows that end their worker"],
)  # fmt: skip
def test_what_is_killed_comes_out_byte_identical(campaign: list[str], tmp_path: Path) -> None:
    if campaign[0] in {"calls", "EIO"} and not shutil.which("strace"):
        pytest.skip("strace is not on this machine")

    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.archives.faults", *campaign],
        cwd=ROOT, env=os.environ | {"ASN_THEMES_KEPT_ROUNDS": str(tmp_path)},
        capture_output=True, text=True, timeout=110,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr[-2000:]
