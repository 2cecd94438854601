"""The store, on SQLite and on a real PostgreSQL server."""

import os
import shutil
import signal
import sqlite3
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.postgres import Postgres
from classifier.errors import ExtraMissingError, KeyReusedError, QuotaUsedUpError, SettingError, StoreUnavailableError
from corrections import open_store
from corrections.correction import Correction
from corrections.database import PATIENCE_S
from corrections.store import Store
from tests.conftest import MERIT
from tests.patience import kept

GIVEN = Correction(MERIT, "merit", "no", "0123456789ab", "Bukan seleksi terbuka", "a1")
HOSTILE = "'; DROP TABLE feedback_corrections; --\"\\ %s :x {} \u202e\u200b 🙂"


@pytest.fixture
def store(url: str) -> Store:
    store = open_store(url)
    store.prepare()
    return store


def database(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def test_a_correction_is_read_back_as_it_was_given(store: Store) -> None:
    receipt = store.add(GIVEN, "g1", "k1", 10)

    (found,) = store.read()
    assert (found.correction, found.giver, found.receipt) == (GIVEN, "g1", receipt)


def test_whatever_is_given_is_stored_verbatim(store: Store) -> None:
    hostile = GIVEN._replace(text=HOSTILE, note=HOSTILE * 20, article=HOSTILE)
    store.add(hostile, "g1", HOSTILE, 10)

    assert [found.correction for found in store.read()] == [hostile]


def test_the_same_key_again_gets_the_first_receipt_and_stores_nothing(store: Store) -> None:
    first = store.add(GIVEN, "g1", "k1", 1)

    again = [store.add(GIVEN, "g1", "k1", 1) for _ in range(3)]
    assert [receipt[:2] for receipt in again] == [first[:2]] * 3
    assert [receipt.again for receipt in (first, *again)] == [False, True, True, True]
    assert len(store.read()) == 1


def test_the_same_key_for_something_else_is_refused(store: Store) -> None:
    store.add(GIVEN, "g1", "k1", 10)

    for other in (GIVEN._replace(verdict="yes"), GIVEN._replace(note=""), GIVEN._replace(text=f"{MERIT} ")):
        with pytest.raises(KeyReusedError):
            store.add(other, "g1", "k1", 10)


def test_keys_of_different_givers_have_nothing_to_do_with_each_other(store: Store) -> None:
    receipts = {store.add(GIVEN, giver, key, 10).id for giver in ("g1", "g2") for key in ("k1", "k2")}

    assert len(receipts) == len(store.read()) == 4


@pytest.mark.usefixtures("patient")
def test_one_key_fifty_times_at_once_is_one_row(url: str, store: Store) -> None:
    stores = [store, open_store(url)]
    with ThreadPoolExecutor(10) as pool:
        receipts = list(pool.map(lambda n: stores[n % 2].add(GIVEN, "g1", "k1", 10), range(50)))

    assert len({receipt.id for receipt in receipts}) == len(store.read()) == 1


@pytest.mark.usefixtures("patient")
def test_a_quota_is_exact_whoever_writes_at_the_same_time(url: str, store: Store) -> None:
    stores = [store, open_store(url)]

    def add(n: int) -> str:
        try:
            stores[n % 2].add(GIVEN, f"g{n % 3}", f"k{n}", 7)
        except QuotaUsedUpError:
            return "refused"
        return f"g{n % 3}"

    with ThreadPoolExecutor(8) as pool:
        found = Counter(pool.map(add, range(60)))

    assert found == {"g0": 7, "g1": 7, "g2": 7, "refused": 39}
    assert Counter(stored.giver for stored in store.read()) == {"g0": 7, "g1": 7, "g2": 7}


def test_what_is_refused_costs_nothing_of_the_quota(store: Store) -> None:
    store.add(GIVEN, "g1", "k1", 2)
    for _ in range(3):
        store.add(GIVEN, "g1", "k1", 2)
        with pytest.raises(KeyReusedError):
            store.add(GIVEN._replace(note="lain"), "g1", "k1", 2)

    store.add(GIVEN, "g1", "k2", 2)
    with pytest.raises(QuotaUsedUpError, match="2 corrections"):
        store.add(GIVEN, "g1", "k3", 2)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["g1", "g2"]), st.sampled_from("abc"), st.sampled_from(["yes", "no"])), max_size=12
    )
)
def test_the_store_does_what_a_dictionary_would(store: Store, asked: list[tuple[str, str, str]]) -> None:
    for giver in ("g1", "g2"):
        store.erase(giver=giver)
    expected: dict[tuple[str, str], str] = {}
    for giver, key, verdict in asked:
        full = sum(g == giver for g, _ in expected) >= 2
        kind: type[Exception] | None = None
        if (giver, key) in expected:
            kind = None if expected[giver, key] == verdict else KeyReusedError
        elif full:
            kind = QuotaUsedUpError
        if kind:
            with pytest.raises(kind):
                store.add(GIVEN._replace(verdict=verdict), giver, key, 2)
        else:
            store.add(GIVEN._replace(verdict=verdict), giver, key, 2)
            expected[giver, key] = verdict

    assert sorted((f.giver, f.correction.verdict) for f in store.read()) == sorted(
        (giver, verdict) for (giver, _), verdict in expected.items()
    )


def test_all_of_a_giver_or_of_an_article_can_be_erased(store: Store) -> None:
    for n, giver in enumerate(("g1", "g1", "g2")):
        store.add(GIVEN._replace(article=f"a{n}"), giver, f"k{n}", 2)

    assert (store.erase(giver="g1"), store.erase(article="a1")) == (2, 0)
    assert [found.giver for found in store.read()] == ["g2"]
    assert store.erase(article="a2") == 1
    assert store.read() == []


def test_what_is_erased_is_in_no_file_any_more(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/f.db")
    store.prepare()
    store.add(GIVEN, "g1", "k1", 1)
    assert any(MERIT.encode() in path.read_bytes() for path in tmp_path.iterdir())
    store.erase(giver="g1")

    assert not any(MERIT.encode() in path.read_bytes() for path in tmp_path.iterdir())


@pytest.mark.usefixtures("patient")
def test_two_that_start_at_once_make_one_store(url: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: open_store(url).prepare(), range(6)))

    store = open_store(url)
    store.add(GIVEN, "g1", "k1", 1)
    assert len(store.read()) == 1


def test_a_store_of_another_version_is_refused_and_left_alone(url: str, store: Store) -> None:
    with store._transaction() as connection:
        connection.exec_driver_sql("UPDATE feedback_schema SET version = 2")
        connection.commit()

    with pytest.raises(SettingError, match="version 2, this release knows 1"):
        open_store(url).prepare()


def test_a_missing_package_is_named_with_its_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ExtraMissingError, match=r"psycopg is not installed; run pip install 'asn-themes\[feedback\]'"):
        open_store("postgresql://u@h/d")
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(ExtraMissingError, match=r"sqlalchemy is not installed; run pip install"):
        open_store("sqlite:///x.db")


def seconds_to_give_up(store: Store) -> float:
    store._down_until = 0.0
    start = time.monotonic()
    with pytest.raises(StoreUnavailableError, match="does not answer"):
        store.add(GIVEN, "g1", "k1", 1)
    return time.monotonic() - start


def test_a_locked_sqlite_is_unavailable_in_time_and_fine_again_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corrections.store.REST_S", 60)
    store = Store(f"sqlite:///{tmp_path}/f.db")
    store.prepare()

    def seconds() -> float:
        waited = seconds_to_give_up(store)
        assert waited > PATIENCE_S * 0.5
        return waited

    with closing(sqlite3.connect(tmp_path / "f.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert kept(PATIENCE_S * 2.5, seconds)
        with pytest.raises(StoreUnavailableError, match="just now"):
            store.add(GIVEN, "g1", "k1", 1)
        other.execute("ROLLBACK")

    store._down_until = 0.0
    store.add(GIVEN, "g1", "k1", 1)
    assert len(store.read()) == 1


def test_a_full_sqlite_says_so_and_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/f.db")
    store.prepare()
    store.add(GIVEN, "g1", "k0", 100)
    with store._transaction() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    connect = store._database._engine.pool._creator  # type: ignore[attr-defined]

    def small() -> sqlite3.Connection:
        connection: sqlite3.Connection = connect()
        connection.execute(f"PRAGMA max_page_count={pages + 2}")
        return connection

    store._database._engine.pool._creator = small  # type: ignore[attr-defined]
    receipts = []

    def fill() -> None:
        for n in range(1, 100):
            receipts.append(store.add(GIVEN._replace(note="x" * 900), "g1", f"k{n}", 100))

    with pytest.raises(StoreUnavailableError):
        fill()

    assert len(receipts) + 1 == len(store.read())


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "f.db").write_bytes(b"no database at all" * 100)

    with pytest.raises(StoreUnavailableError, match="DatabaseError"):
        Store(f"sqlite:///{tmp_path}/f.db").prepare()


def test_errors_never_hold_what_was_given(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/f.db")
    store.prepare()
    (tmp_path / "f.db").write_bytes(b"")

    with pytest.raises(StoreUnavailableError) as caught:
        store.add(GIVEN, "g1", "k1", 1)
    assert MERIT not in f"{caught.value} {caught.value.__cause__}"


def test_a_postgresql_that_stands_still_is_given_up_in_time(server: Postgres, postgresql_url: str) -> None:
    store = Store(postgresql_url)
    store.prepare()
    with psycopg.connect(server.url) as holder:
        holder.execute("LOCK TABLE feedback_quota")
        assert kept(3 * PATIENCE_S, lambda: seconds_to_give_up(store))

    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        assert kept(3 * PATIENCE_S, lambda: seconds_to_give_up(store))
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


def test_a_backup_put_back_holds_the_same_corrections(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/f.db")
    store.prepare()
    for n in range(20):
        store.add(GIVEN, "g1", f"k{n}", 20)
    with closing(sqlite3.connect(tmp_path / "f.db")) as source, closing(sqlite3.connect(tmp_path / "b.db")) as target:
        source.backup(target)
    before = store.read()
    shutil.copy(tmp_path / "b.db", tmp_path / "restored.db")

    assert Store(f"sqlite:///{tmp_path}/restored.db").read() == before
