"""The short version of `make fault-feedback`."""

import pytest

from benchmarks.feedback_kills import kills
from benchmarks.postgres import BINARIES, WHY_NOT


@pytest.mark.parametrize(
    "database",
    # PostgreSQL is a server of the system, which no lock of ours installs; .ci/run does.
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.skipif(BINARIES is None, reason=WHY_NOT))],
)
def test_no_acknowledged_row_is_lost_to_kill_9(database: str) -> None:
    found = kills(database, 3)

    assert (found.lost, found.doubled) == (0, 0)
    assert found.acknowledged > 0
    assert len(found.kills) == (2 if database == "sqlite" else 3)
