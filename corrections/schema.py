"""The tables of the store and their version."""

from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, insert, select

from classifier.errors import SettingError

#: Raised with every change of the tables.
VERSION = 1
METADATA = MetaData()

CORRECTIONS = Table(
    "feedback_corrections",
    METADATA,
    # SHA-256 over giver and idempotency key: a second row for the pair can't exist.
    Column("id", Text, primary_key=True),
    Column("giver", Text, nullable=False, index=True),
    Column("received", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("theme", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("article", Text, nullable=False, index=True),
)
QUOTA = Table(
    "feedback_quota",
    METADATA,
    Column("giver", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("used", Integer, nullable=False),
)
_SCHEMA = Table("feedback_schema", METADATA, Column("version", Integer, primary_key=True))


def create(connection: Connection) -> None:
    """Make what tables are missing, within the caller's transaction.

    Raises
    ------
    SettingError
        If the tables that are there are of another version.
    """
    METADATA.create_all(connection)
    found = connection.scalar(select(_SCHEMA.c.version))
    if found is None:
        connection.execute(insert(_SCHEMA).values(version=VERSION))
    elif found != VERSION:
        raise SettingError(
            f"setting: the feedback store is of version {found}, this release knows {VERSION}; update asn-themes or "
            f"name another store"
        )
