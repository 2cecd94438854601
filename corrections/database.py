"""A database by its URL, and connections to it that never wait for long.

A connection lives for one transaction: 1.5 ms instead of 0.3 with SQLite, and none is ever stale, shared with a forked
worker or missing from a pool.
"""

import contextlib
import os
import socket
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from classifier.errors import SettingError
from classifier.extras import needed

#: Longest wait for a lock, a connection or a whole transaction.
PATIENCE_S = 2
_WAL = "PRAGMA journal_mode=WAL"
_EXPECTED = "the feedback store is no URL like sqlite:///feedback.db or postgresql://user@host/database; mend it"


class Database:
    """SQLite (WAL, synchronous=FULL) or PostgreSQL (psycopg 3).

    Parameters
    ----------
    url : str
        ``sqlite:///file`` or ``postgresql://user@host/database``; it may hold a password, so no message shows it.

    Raises
    ------
    SettingError
        If it is neither.
    ExtraMissingError
        If psycopg is needed and not installed.
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
            self.kind = parsed.get_backend_name()
        except ArgumentError as err:
            raise SettingError(f"setting: {_EXPECTED}") from err
        if self.kind not in ("sqlite", "postgresql") or not parsed.database or parsed.database == ":memory:":
            raise SettingError(f"setting: {_EXPECTED}")
        self._file = Path(parsed.database)
        url_of, arguments = (_sqlite if self.kind == "sqlite" else _postgresql)(parsed)
        self._engine = create_engine(url_of, poolclass=NullPool, hide_parameters=True, connect_args=arguments)
        if self.kind == "sqlite":
            event.listen(self._engine, "connect", _configure_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)

    def make_file(self) -> None:
        """Make SQLite's file where there is none.

        Raises
        ------
        SettingError
            If that can't be.
        sqlite3.Error
            If the disk is full, or does not write.
        """
        if self.kind != "sqlite":
            return
        try:
            if not self._file.exists():
                _publish_empty(Path(os.path.realpath(self._file)))
            # Refuses one that may not be written now, not at the first correction.
            self._file.touch()
        except OSError as err:
            raise SettingError(f"setting: cannot make {self._file} ({err.strerror}); name another store") from err

    @contextlib.contextmanager
    def connect(self, patient: bool) -> Iterator[Connection]:
        """Give a connection; what is done on it and not committed is rolled back.

        Parameters
        ----------
        patient : bool
            Whether what is done may take its time and need not write at once.
        """
        with self._engine.connect().execution_options(patient=patient) as connection:
            if self.kind == "sqlite":
                yield connection
            elif patient:
                connection.exec_driver_sql("SET statement_timeout = 0")
                yield connection
            else:
                with _watch(connection):
                    yield connection


def _sqlite(url: URL) -> tuple[URL, dict[str, Any]]:
    # It opens the file that `make_file` made and makes none: a misspelt name must not pass for an empty store.
    place = URL.create("sqlite", database=f"file:{quote(str(url.database))}", query={"mode": "rw", "uri": "true"})
    return place, {"timeout": PATIENCE_S}


def _postgresql(url: URL) -> tuple[URL, dict[str, Any]]:
    needed("psycopg", "feedback")
    patience = PATIENCE_S * 1000
    limits = f"-c lock_timeout={patience} -c statement_timeout={patience} -c synchronous_commit=on"
    return url.set(drivername="postgresql+psycopg"), {"connect_timeout": PATIENCE_S, "options": limits}


def _publish_empty(path: Path) -> None:
    # Switched to WAL before anyone can open it: of several that switch one file at once, all but one may be refused as
    # "locked", without a wait (2 of 400 rounds of six that start at once, on a busy machine).
    # Texts of others: the file is for the owner alone, and those that come to lie beside it as well.
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".") as new:
        with contextlib.closing(sqlite3.connect(new.name)) as connection:
            connection.execute(_WAL)
        with contextlib.suppress(FileExistsError):
            os.link(new.name, path)


def _configure_sqlite(connection: Any, _: object) -> None:
    # None: transactions begin when `_begin_sqlite` says so, not when the driver thinks fit.
    connection.isolation_level = None
    # For a file that somebody else made; ours is in WAL from its first byte.
    connection.execute(_WAL)
    connection.execute("PRAGMA synchronous=FULL")
    # What is erased is overwritten.
    connection.execute("PRAGMA secure_delete=ON")


def _begin_sqlite(connection: Connection) -> None:
    # A writer that begins as a reader is refused at once, not after its patience, where another one came between.
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options()["patient"] else "BEGIN IMMEDIATE")


@contextlib.contextmanager
def _watch(connection: Connection) -> Iterator[None]:
    """Cut the line to a server that leaves it hanging: its own time limits don't help where it stands still."""
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
