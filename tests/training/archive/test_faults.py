import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize(
    "campaign",
    [["random", "--rounds", "1"], ["calls", "--every", "40"], ["calls", "--every", "40", "--error", "EIO"],
     ["dask", "--rounds", "1"]],
    ids=["kill -9", "every 40th call killed", "every 40th call failing", "a cluster losing a worker"],
)  # fmt: skip
def test_what_is_killed_comes_out_byte_identical(campaign: list[str]) -> None:
    if campaign[0] == "calls" and not shutil.which("strace"):
        pytest.skip("strace is not on this machine")

    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.archives.faults", *campaign],
        cwd=ROOT, capture_output=True, text=True, timeout=110,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr[-2000:]
