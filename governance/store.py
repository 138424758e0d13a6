"""The operational database: its tables, and the two ways to use it, reading and writing.

The only file that opens it. SQLite by default, PostgreSQL by URL; the statements of the other files are SQLAlchemy's
and run on both. One process writes at a time: on SQLite a writer begins with `BEGIN IMMEDIATE`, on PostgreSQL it locks
the row of the log's head; so whatever a writer read within its transaction still holds when it commits. Readers do
not wait for writers (SQLite in WAL mode).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    select,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from vocabulary.errors import WorkspaceError

BUSY_SECONDS = 60
"""How long a writer waits for another one."""

metadata = MetaData()

log_entries = Table(
    "log_entries",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 … without gaps
    Column("at", String(32), nullable=False),  # UTC, ISO 8601 with microseconds
    Column("actor", String(128), nullable=False),
    Column("kind", String(32), nullable=False, index=True),
    Column("subject", String(128), nullable=False, index=True),  # id of the approval, run or account it is about
    Column("body", Text, nullable=False),  # canonical JSON
    Column("salt", String(64), nullable=False),  # random, of the commitment that stands for actor, subject and body
    Column("previous_hash", String(64), nullable=False),
    Column("entry_hash", String(64), nullable=False),
)

log_head = Table(
    "log_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # the one row is 1
    Column("size", Integer, nullable=False),
    Column("entry_hash", String(64), nullable=False),
    Column("frontier", Text, nullable=False),  # of the Merkle tree, hexadecimal, separated by spaces
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", String(80), primary_key=True),  # of a later version: the approval's id, a slash, and its number
    Column("state", String(16), nullable=False),
    Column("text", Text, nullable=False),  # the approval file as registered
    Column("requested_by", String(128), nullable=False),
    Column("confirmed_by", String(128)),
    Column("reason", Text),  # of the revocation
    Column("countersigned", Text),  # JSON: source and the account that countersigned for it
)

population_lists = Table(
    "population_lists",
    metadata,
    Column("sha256", String(64), primary_key=True),  # of the file, as the approval names it
    Column("content", Text, nullable=False),  # the file, encrypted
)

data_owners = Table(
    "data_owners",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("account", String(64), nullable=False),  # which answers for the source
)

accounts = Table(
    "accounts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("role", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("password_hash", String(256)),
    Column("token_hash", String(64)),
    Column("token_expires", String(32)),  # UTC, ISO 8601
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("run", String(64), nullable=False),  # in which the two records were shown
    Column("decided_by", String(128), nullable=False),
    Column("decided_at", String(32), nullable=False),  # UTC, ISO 8601
    Column("content", Text, nullable=False),  # the two records and the reason, encrypted
    Column("second_by", String(128)),
    Column("second_verdict", String(16)),
    Column("second_reason", Text),  # encrypted
    Column("undone_by", String(128)),
    Column("undone_reason", Text),  # encrypted
)


outcomes = Table(
    "outcomes",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("run", String(64)),  # whose list the child was looked at from; null where it was found elsewhere
    Column("recorded_by", String(128), nullable=False),
    Column("recorded_on", String(10), nullable=False),  # ISO 8601
    Column("content", Text, nullable=False),  # person id and year, encrypted
    Column("reason", Text),  # encrypted
    Column("ended_by", String(128)),  # who replaced or withdrew it
    Column("ended_reason", Text),  # encrypted
)

subject_requests = Table(
    "subject_requests",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("received_on", String(10), nullable=False),  # ISO 8601
    Column("received_by", String(128), nullable=False),
    Column("decided_by", String(128)),
    Column("content", Text, nullable=False),  # what is asked for and why, encrypted
)

score_models = Table(
    "score_models",
    metadata,
    Column("version", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("run", String(64), nullable=False),  # it was trained on
    Column("trained_by", String(128), nullable=False),
    Column("trained_at", String(32), nullable=False),  # UTC, ISO 8601
    Column("document", Text, nullable=False),  # the scorecard and its card, encrypted
    Column("approval", String(64)),  # that names it
    Column("proposed_by", String(128)),
    Column("adopted_by", String(128)),
    Column("retired_by", String(128)),
    Column("reason", Text),  # of the retirement
)


def sqlite_url(path: Path) -> URL:
    """URL of a SQLite file."""
    return URL.create("sqlite", database=str(path))


def open_engine(url: str | URL) -> Engine:
    """An engine on `url`; no connection is made yet.

    Raises
    ------
    WorkspaceError
        The URL is not one, or the driver of its database is not installed.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite":
            return create_engine(parsed, pool_pre_ping=True)
        engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS})
    except (ArgumentError, ImportError) as error:
        raise WorkspaceError("workspace.database_url", problem=type(error).__name__) from None
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None  # the driver must not begin transactions by itself
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writer = connection.get_execution_options().get("writer", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")


def create_tables(engine: Engine) -> None:
    """Make the tables that are not there yet.

    Raises
    ------
    WorkspaceError
        The database cannot be reached.
    """
    with _reachable():
        metadata.create_all(engine)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the database throughout."""
    with _reachable(), engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction under the writer lock: committed at the end, rolled back if an exception leaves it."""
    with _reachable(), engine.connect().execution_options(writer=True) as connection, connection.begin():
        connection.execute(select(log_head.c.size).with_for_update())
        yield connection


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        if type(error) not in (DatabaseError, OperationalError):
            raise  # a statement of ours that breaks a constraint or is none
        raise WorkspaceError("workspace.database_unreachable", problem=str(error.orig)) from None
