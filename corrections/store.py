"""The store of corrections, in SQLite or PostgreSQL.

A receipt is given after the commit, which both databases make durable first (SQLite: WAL with synchronous=FULL).  A
connection lives for one transaction: 1.5 ms instead of 0.3 with SQLite, and none is ever stale, shared with a forked
worker or missing from a pool.
"""

import contextlib
import hashlib
import os
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.parse import quote

import sqlalchemy
from sqlalchemy import URL, ColumnElement, Connection, Engine, delete, event, func, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from classifier.errors import KeyReusedError, QuotaUsedUpError, SettingError, StoreUnavailableError
from corrections.correction import Correction, Receipt, Stored
from corrections.schema import CORRECTIONS, QUOTA, create

#: Longest wait for a lock, a connection or a whole transaction.
PATIENCE_S = 2
#: After a failure nothing is tried for this long: those who queue are told at once instead of one by one.
REST_S = 1
_LOCK = 0x61736E74  # "asnt": two servers that start at once make the tables one after the other.
_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_FIELDS = ("text", "theme", "verdict", "model", "note", "article")


class Store:
    """Corrections at a URL.

    Parameters
    ----------
    url : str
        ``sqlite:///file`` or ``postgresql://user@host/database``.

    Raises
    ------
    SettingError
        If it is neither.
    """

    def __init__(self, url: str) -> None:
        self._engine, self._file = _engine(url)
        self._insert: Any = _INSERTS[self._engine.dialect.name]
        self._ready = False
        self._down_until = 0.0

    def prepare(self) -> None:
        """Make the tables where they are missing.

        Raises
        ------
        SettingError
            If the file can't be made, or the tables are of another version.
        StoreUnavailableError
            If the database doesn't answer.
        """
        if self._file:
            try:
                # Texts of others: for the owner alone, and the files beside it as well.
                self._file.touch(mode=0o600)
            except OSError as err:
                raise SettingError(f"setting: cannot make {self._file} ({err.strerror}); name another store") from err
        with self._transaction() as connection:
            if self._engine.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            create(connection)
            connection.commit()
        self._ready = True

    def add(self, correction: Correction, giver: str, key: str, most_a_day: int) -> Receipt:
        """Store a correction, or give the receipt again that `giver` got for the same `key` before.

        Parameters
        ----------
        correction : Correction
            What is said.
        giver : str
            Who says it.
        key : str
            The giver's own name for this request.
        most_a_day : int
            How many corrections a giver may send in one day (UTC).

        Raises
        ------
        KeyReusedError
            If the giver used `key` for something else.
        QuotaUsedUpError
            If the day's corrections are used up.
        StoreUnavailableError
            If the database is down, locked, full or slow.  Whether the correction is stored is then unknown; the same
            key again makes sure.
        """
        if time.monotonic() < self._down_until:
            raise StoreUnavailableError("store: the feedback store did not answer just now; try again in a second")
        if not self._ready:
            self.prepare()
        now = datetime.now(UTC)
        receipt = Receipt(hashlib.sha256(f"{giver} {key}".encode()).hexdigest(), now.strftime("%Y-%m-%dT%H:%M:%SZ"))
        with self._transaction() as connection:
            # First: it locks the giver's row, so that what follows happens one request after the other.
            within = self._use(connection, giver, now.strftime("%Y-%m-%d"), most_a_day)
            first = connection.execute(select(CORRECTIONS).where(CORRECTIONS.c.id == receipt.id)).one_or_none()
            if first is not None:
                return _again(first, correction)
            if not within:
                raise QuotaUsedUpError(f"feedback: {most_a_day} corrections a day are used up; go on tomorrow (UTC)")
            row = {name: getattr(correction, name) for name in _FIELDS}
            row |= {"id": receipt.id, "received": receipt.received, "giver": giver, "digest": correction.digest}
            connection.execute(CORRECTIONS.insert().values(row))
            connection.commit()
        return receipt

    def read(self) -> list[Stored]:
        """Return all corrections, oldest first.

        Raises
        ------
        StoreUnavailableError
            If there is no store, or it doesn't answer.
        """
        with self._transaction(reads=True) as connection:
            rows = connection.execute(select(CORRECTIONS).order_by(CORRECTIONS.c.received, CORRECTIONS.c.id)).all()
        return [_stored(row) for row in rows]

    def erase(self, giver: str = "", article: str = "") -> int:
        """Remove all that came from `giver`, or bears on `article`; return how many corrections it was.

        Raises
        ------
        StoreUnavailableError
            If there is no store, or it doesn't answer.
        """
        chosen: ColumnElement[bool] = CORRECTIONS.c.giver == giver if giver else CORRECTIONS.c.article == article
        with self._transaction() as connection:
            if giver:
                connection.execute(delete(QUOTA).where(QUOTA.c.giver == giver))
            erased = connection.execute(delete(CORRECTIONS).where(chosen)).rowcount
            connection.commit()
        return erased

    def _use(self, connection: Connection, giver: str, day: str, most: int) -> bool:
        """Count one more correction of the day; False where there are none left."""
        counted = (
            self._insert(QUOTA)
            .values(giver=giver, day=day, used=1)
            .on_conflict_do_update(
                index_elements=[QUOTA.c.giver, QUOTA.c.day],
                set_={"used": QUOTA.c.used + 1},
                where=QUOTA.c.used < most,
            )
            .returning(QUOTA.c.used)
        )
        return connection.execute(counted).scalar() is not None

    @contextlib.contextmanager
    def _transaction(self, reads: bool = False) -> Iterator[Connection]:
        """Give a connection within a transaction, which is rolled back unless the caller commits it."""
        try:
            with self._engine.connect().execution_options(reads=reads) as connection, _watch(connection):
                yield connection
        except DBAPIError as err:
            self._down_until = time.monotonic() + REST_S
            # The kind alone: a database's message can quote what it was given.
            raise StoreUnavailableError(
                f"store: the feedback store does not answer ({type(err.orig).__name__}); see that it is up, writable "
                f"and not full"
            ) from err


def _engine(url: str) -> tuple[Engine, Path | None]:
    # The URL may hold a password: no message shows it.
    try:
        parsed = make_url(url)
        kind = parsed.get_backend_name()
    except ArgumentError as err:
        raise SettingError(f"setting: {_EXPECTED}") from err
    if kind not in _INSERTS or not parsed.database or parsed.database == ":memory:":
        raise SettingError(f"setting: {_EXPECTED}")
    if kind == "sqlite":
        path = Path(parsed.database)
        # Only `prepare` makes the file: a misspelt name must not pass for an empty store.
        place = URL.create("sqlite", database=f"file:{quote(str(path))}", query={"mode": "rw", "uri": "true"})
        engine = sqlalchemy.create_engine(
            place, poolclass=NullPool, hide_parameters=True, connect_args={"timeout": PATIENCE_S}
        )
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine, path
    patience = PATIENCE_S * 1000
    limits = f"-c lock_timeout={patience} -c statement_timeout={patience} -c synchronous_commit=on"
    return sqlalchemy.create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"connect_timeout": PATIENCE_S, "options": limits},
    ), None


_EXPECTED = "the feedback store is no URL like sqlite:///feedback.db or postgresql://user@host/database; mend it"


def _configure_sqlite(connection: Any, _: object) -> None:
    # None: transactions begin when `_begin_sqlite` says so, not when the driver thinks fit.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def _begin_sqlite(connection: Connection) -> None:
    # A writer that begins as a reader is refused at once, not after its patience, where another one came between.
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("reads") else "BEGIN IMMEDIATE")


@contextlib.contextmanager
def _watch(connection: Connection) -> Iterator[None]:
    """Cut the line to a server that leaves it hanging: its own time limits don't help where it stands still."""
    if connection.dialect.name != "postgresql":
        yield
        return
    driver: Any = connection.connection.driver_connection
    with socket.socket(fileno=os.dup(driver.fileno())) as line:
        timer = Timer(PATIENCE_S, _cut, (line,))
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def _cut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _again(first: Any, correction: Correction) -> Receipt:
    if first.digest != correction.digest:
        raise KeyReusedError("feedback: this Idempotency-Key was used for another correction; make a new one")
    return Receipt(first.id, first.received)


def _stored(row: Any) -> Stored:
    correction = Correction(**{name: getattr(row, name) for name in _FIELDS})
    return Stored(correction, row.giver, Receipt(row.id, row.received))
