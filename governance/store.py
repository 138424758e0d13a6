"""The operational database, and the two ways to use it, reading and writing.

The only file that opens it. SQLite by default, PostgreSQL by URL; the statements of the other files are SQLAlchemy's
and run on both. One process writes at a time: on SQLite a writer begins with `BEGIN IMMEDIATE`, on PostgreSQL with an
advisory lock; so whatever a writer read within its transaction still holds when it commits. Readers do not wait for
writers (SQLite in WAL mode). Tables that are added or altered need a step in `governance.migrations`.
"""

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    DBAPIError,
    InterfaceError,
    OperationalError,
)

from vocabulary.errors import WorkspaceError

BUSY_SECONDS = 60
"""How long a writer waits for another one."""

CONNECT_SECONDS = 10
"""How long a PostgreSQL server may take to answer."""

COMPACT_SECONDS = 10
"""How long compacting waits for those who use the file."""

WRITER_LOCK = 0x6D696D61
"""Number of the advisory lock on PostgreSQL; any would do that no other program uses in the same database."""

SCHEMA = "0008"
"""The last step in `governance.migrations`, which leads to the tables of `governance.tables`."""

_TURNS: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()
_TURNS_LOCK = threading.Lock()

_alembic_version = Table("alembic_version", MetaData(), Column("version_num", String(32)))  # Alembic's own


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
            connecting = {"connect_timeout": CONNECT_SECONDS, "client_encoding": "utf8"}
            return create_engine(parsed, pool_pre_ping=True, connect_args=connecting)
        engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS})
    except (ArgumentError, ImportError) as error:
        raise WorkspaceError("workspace.database_url", problem=type(error).__name__) from None
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None  # the driver must not begin transactions by itself
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writer = connection.get_execution_options().get("writer", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")


def create_tables(engine: Engine) -> None:
    """Bring the tables to this program's schema, under the writer lock: a new database has none yet.

    Raises
    ------
    WorkspaceError
        The database cannot be used, or a later program has brought its tables further.
    """
    _keep_to_owner(engine.url)
    with reading(engine) as connection:
        if _schema(connection) == SCHEMA:
            return
    from governance.migrations import upgrade  # only here, since it imports Alembic

    with _locked(engine) as connection:
        upgrade(connection)


def _keep_to_owner(url: URL) -> None:
    """Make the SQLite file readable by its owner alone, before SQLite gives its own files beside it the same mode."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    path = Path(url.database)
    path.touch(mode=0o600)
    for held in (path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))):
        if held.exists() and held.stat().st_mode & 0o077:
            held.chmod(0o600)


def _schema(connection: Connection) -> str | None:
    """The last step that was taken; None where there are no tables, or those of before there were steps."""
    if not inspect(connection).has_table(_alembic_version.name):
        return None
    return connection.execute(select(_alembic_version.c.version_num)).scalar_one_or_none()


def damages(connection: Connection) -> list[str]:
    """What SQLite finds damaged in its file, also indexes that leave out rows; PostgreSQL checks pages as it reads."""
    if connection.dialect.name != "sqlite":
        return []
    return [str(line) for line in connection.exec_driver_sql("PRAGMA integrity_check").scalars() if line != "ok"]


def compact(engine: Engine) -> bool:
    """Write SQLite's file anew without what was erased, and cut the file `-wal` to nothing; whether that was done.

    Pages of the file can hold copies of what was moved within it before it was erased, and `-wal` pages as they were.
    Who writes, or reads an earlier state, is waited for. On PostgreSQL that is for its vacuum.
    """
    if engine.dialect.name != "sqlite":
        return True
    with _reachable(), engine.connect() as connection:
        driver: Any = connection.connection.driver_connection  # beside SQLAlchemy, which would begin a transaction
        driver.execute(f"PRAGMA busy_timeout = {int(COMPACT_SECONDS * 1000)}")
        try:
            driver.execute("VACUUM")
            (busy, *_) = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:  # a writer that does not end, a full disk
            return False
        finally:
            driver.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    return not busy


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the database throughout."""
    with _reachable(), engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction under the writer lock: committed at the end, rolled back if an exception leaves it.

    Raises
    ------
    WorkspaceError
        The database cannot be used, another process holds the lock for longer than `BUSY_SECONDS`, or a later program
        has altered the tables meanwhile.
    """
    with _locked(engine) as connection:
        held = connection.execute(select(_alembic_version.c.version_num)).scalar_one_or_none()
        if held != SCHEMA:
            raise WorkspaceError("workspace.schema_newer", schema=held)
        yield connection


@contextmanager
def _locked(engine: Engine) -> Iterator[Connection]:
    with (
        _in_turn(engine),
        _reachable(),
        engine.connect().execution_options(writer=True) as connection,
        connection.begin(),
    ):
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'"))
            connection.execute(select(func.pg_advisory_xact_lock(WRITER_LOCK)))
        yield connection


@contextmanager
def _in_turn(engine: Engine) -> Iterator[None]:
    """Let the writers of this process go one after the other.

    SQLite has no queue: who finds the database locked tries again after a while, so that among many one may wait for
    seconds. Between processes that stays so.
    """
    with _TURNS_LOCK:
        turn = _TURNS.setdefault(engine, threading.Lock())
    if not turn.acquire(timeout=BUSY_SECONDS):
        raise WorkspaceError("workspace.database_unreachable", problem="locked")
    try:
        yield
    finally:
        turn.release()


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except DataError as error:  # of PostgreSQL; what it says of other values may quote them
        too_long = re.search(r"value too long for type character varying\((\d+)\)", str(error.orig))
        if too_long:
            raise WorkspaceError("workspace.value_too_long", most=too_long[1]) from None
        raise WorkspaceError("workspace.value_refused") from None
    except DBAPIError as error:
        if not error.connection_invalidated and type(error) not in (DatabaseError, OperationalError, InterfaceError):
            raise  # a statement of ours that breaks a constraint or is none
        problem = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
        raise WorkspaceError("workspace.database_unreachable", problem=problem) from None
