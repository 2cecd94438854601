"""Both databases, empty for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy

from benchmarks.postgres import BINARIES, WHY_NOT, Postgres, postgres
from corrections.schema import METADATA


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    if BINARIES is None:
        # A server of the system, which no lock of ours installs; .ci/run does.
        pytest.skip(WHY_NOT)
    with postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'feedback.db'}"
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture
def postgresql_url(server: Postgres) -> str:
    engine = sqlalchemy.create_engine(server.url.replace("postgresql", "postgresql+psycopg"))
    METADATA.drop_all(engine)
    engine.dispose()
    return server.url


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let those who write at once wait for each other for as long as a slow disk takes."""
    monkeypatch.setattr("corrections.database.PATIENCE_S", 60)
