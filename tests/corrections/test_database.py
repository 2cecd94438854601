"""Databases by their URLs: what is refused, how durable and how patient connections are."""

import os
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from classifier.errors import SettingError, StoreUnavailableError
from corrections import open_store
from corrections.correction import Correction
from corrections.database import PATIENCE_S, Database
from corrections.store import Store
from tests.conftest import MERIT
from tests.patience import kept

GIVEN = Correction(MERIT, "merit", "no", "0123456789ab")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "feedback.db",
        "mysql://u:rahasia@h/d",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://u:rahasia@h",
        "x://[",
        "://",
    ],
)
def test_a_url_of_no_store_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(SettingError, match=r"sqlite:///feedback\.db") as caught:
        open_store(url)
    assert "rahasia" not in str(caught.value)


def test_sqlite_is_durable_and_its_file_the_owners_alone(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/a b#é.db")
    store.prepare()
    store.add(GIVEN, "g1", "k1", 1)

    with store._transaction() as connection:
        modes = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert modes == ["wal", 2]
    assert (tmp_path / "a b#é.db").stat().st_mode & 0o777 == 0o600


def test_sqlites_file_is_in_wal_before_anyone_opens_it(tmp_path: Path) -> None:
    Database(f"sqlite:///{tmp_path}/f.db").make_file()

    assert [path.name for path in tmp_path.iterdir()] == ["f.db"]
    # https://sqlite.org/fileformat2.html: versions of writing and of reading, 2 for WAL.
    assert (tmp_path / "f.db").read_bytes()[18:20] == b"\2\2"


def test_a_store_that_another_has_just_made_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f.db").write_bytes(b"theirs")
    with monkeypatch.context() as late:
        late.setattr(Path, "exists", lambda _: False)
        Database(f"sqlite:///{tmp_path}/f.db").make_file()

    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"theirs"]


def test_a_store_behind_a_link_is_made_where_the_link_leads(tmp_path: Path) -> None:
    (tmp_path / "f.db").symlink_to(tmp_path / "there.db")
    Store(f"sqlite:///{tmp_path}/f.db").prepare()

    assert (tmp_path / "there.db").is_file()
    assert (tmp_path / "f.db").is_symlink()


def test_a_disk_that_fails_while_the_store_is_made_makes_it_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("corrections.database.sqlite3.connect", fail)
    with pytest.raises(StoreUnavailableError, match="OperationalError"):
        Store(f"sqlite:///{tmp_path}/f.db").prepare()
    assert not list(tmp_path.iterdir())


def test_a_store_that_is_not_there_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError):
        Store(f"sqlite:///{tmp_path}/none.db").read()
    assert not list(tmp_path.iterdir())
    with pytest.raises(SettingError, match="cannot make"):
        Store(f"sqlite:///{tmp_path}/no/folder.db").prepare()
    with pytest.raises(SettingError, match="cannot make"):
        Store(f"sqlite:///{tmp_path}/{'long' * 80}.db").prepare()


def test_a_server_process_that_hangs_in_a_transaction_is_cut_off(postgresql_url: str) -> None:
    store = Store(postgresql_url)

    def hang() -> None:
        with store._transaction() as connection:
            pid = int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar() or 0)
            os.kill(pid, signal.SIGSTOP)
            try:
                connection.exec_driver_sql("SELECT 1")
            finally:
                os.kill(pid, signal.SIGCONT)

    def seconds() -> float:
        start = time.monotonic()
        with pytest.raises(StoreUnavailableError):
            hang()
        return time.monotonic() - start

    assert kept(2 * PATIENCE_S, seconds)


def test_what_reads_much_may_take_its_time(postgresql_url: str) -> None:
    with Store(postgresql_url)._transaction(patient=True) as connection:
        connection.exec_driver_sql(f"SELECT pg_sleep({PATIENCE_S + 0.3})")


def test_readers_hold_up_no_writer(url: str) -> None:
    store = Store(url)
    store.prepare()
    with store._transaction(patient=True) as connection:
        connection.exec_driver_sql("SELECT count(*) FROM feedback_corrections")
        store.add(GIVEN, "g1", "k1", 1)

    assert len(store.read()) == 1
