import os
from pathlib import Path

import pytest

from classifier.files import publish


@pytest.mark.parametrize("mask", [0o077, 0o022])
def test_a_file_has_the_rights_that_the_umask_leaves(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        publish(b"", tmp_path / "a")
    finally:
        os.umask(before)

    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o666 & ~mask
