"""The store of corrections, in SQLite or PostgreSQL.

A receipt is given after the commit, which both databases make durable first.
"""

import contextlib
import hashlib
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from classifier.errors import KeyReusedError, QuotaUsedUpError, StoreUnavailableError
from corrections.correction import FIELDS, Correction, Receipt, Stored
from corrections.database import Database
from corrections.schema import CORRECTIONS, QUOTA, create

#: After a failure nothing is tried for this long: those who queue are told at once instead of one by one.
REST_S = 1
_LOCK = 0x61736E74  # "asnt": two servers that start at once make the tables one after the other.
_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


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
        self._database = Database(url)
        self._insert: Any = _INSERTS[self._database.kind]
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
        with self._answering():
            self._database.make_file()
        with self._transaction() as connection:
            if self._database.kind == "postgresql":
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
        receipt = Receipt(hashlib.sha256(f"{giver} {key}".encode()).hexdigest(), now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
        with self._transaction() as connection:
            # First: it locks the giver's row, so that what follows happens one request after the other.
            within = self._use(connection, giver, now.strftime("%Y-%m-%d"), most_a_day)
            first = connection.execute(select(CORRECTIONS).where(CORRECTIONS.c.id == receipt.id)).one_or_none()
            if first is not None:
                return _again(first, correction)
            if not within:
                raise QuotaUsedUpError(f"feedback: {most_a_day} corrections a day are used up; go on tomorrow (UTC)")
            row = correction._asdict()
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
        with self._transaction(patient=True) as connection:
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
        with self._transaction(patient=True) as connection:
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
    def _transaction(self, patient: bool = False) -> Iterator[Connection]:
        """Give a connection within a transaction, which is rolled back unless the caller commits it."""
        with self._answering(), self._database.connect(patient) as connection:
            yield connection

    @contextlib.contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, sqlite3.Error) as err:
            self._down_until = time.monotonic() + REST_S
            # The kind alone: a database's message can quote what it was given.
            kind = type(err.orig if isinstance(err, DBAPIError) else err).__name__
            raise StoreUnavailableError(
                f"store: the feedback store does not answer ({kind}); see that it is up, writable and not full"
            ) from err


def _again(first: Any, correction: Correction) -> Receipt:
    if first.digest != correction.digest:
        raise KeyReusedError("feedback: this Idempotency-Key was used for another correction; make a new one")
    return Receipt(first.id, first.received, again=True)


def _stored(row: Any) -> Stored:
    correction = Correction(**{name: getattr(row, name) for name in FIELDS})
    return Stored(correction, row.giver, Receipt(row.id, row.received))
