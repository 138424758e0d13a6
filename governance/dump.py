"""The operational database copied while it is in use, as one state of it, and put into an empty one again.

SQLite by its own online backup. PostgreSQL by its client programs `pg_dump` and `pg_restore`, which are no part of this
system: they have to be installed where a city runs PostgreSQL, no older than its server.
"""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, func, inspect, select
from sqlalchemy.engine import make_url

from governance import store
from governance.flushing import flush
from governance.lock import ProcessLock
from vocabulary.errors import WorkspaceError

SQLITE_FILE, POSTGRESQL_FILE = "database.sqlite", "database.dump"


def dump(connection: Connection, url: URL, folder: Path) -> Path:
    """Copy the database into `folder`, in the state that `connection` reads; the file.

    Raises
    ------
    WorkspaceError
        The client of PostgreSQL is not installed, or failed.
    """
    if connection.dialect.name == "sqlite":
        path = folder / SQLITE_FILE
        path.touch(mode=0o600)
        copy = sqlite3.connect(path)
        connection.connection.driver_connection.backup(copy)  # type: ignore[union-attr]
        copy.close()
        return path
    path = folder / POSTGRESQL_FILE
    path.touch(mode=0o600)
    snapshot = connection.execute(select(func.pg_export_snapshot())).scalar_one()
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={path}"]
    _client("pg_dump", options, url)
    return path


def load(path: Path, url: URL | None, sqlite_file: Path, *, lock: ProcessLock) -> None:
    """Put a copy made by `dump` into an empty database, whole or not at all.

    Parameters
    ----------
    path
        The copy.
    url
        Of the database that the settings or the environment name; None for the workspace's own file.
    sqlite_file
        Where that file is to stand.
    lock
        Held by this process; PostgreSQL's client inherits it, so that it holds until that has ended too.

    Raises
    ------
    WorkspaceError
        The copy is of another kind of database, the database is not empty, or the client is not installed or failed.
    """
    is_sqlite = url is None or url.get_backend_name() == "sqlite"
    if is_sqlite != (path.name == SQLITE_FILE):
        raise WorkspaceError("backup.other_database", file=path.name)
    if is_sqlite:
        place = sqlite_file if url is None else Path(str(url.database))
        if place.exists():
            raise WorkspaceError("backup.database_not_empty")
        draft = place.with_name(f".{place.name}.mimamori-part")
        shutil.copyfile(path, draft)
        draft.chmod(0o600)
        flush(draft)
        draft.rename(place)
        flush(place.parent)
    elif url is not None:
        if not _is_empty(store.open_engine(url)):
            raise WorkspaceError("backup.database_not_empty")
        options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
        _client("pg_restore", options, url, path, inherited=(lock.descriptor,))


def _is_empty(engine: Engine) -> bool:
    with store.reading(engine) as connection:
        empty = not inspect(connection).get_table_names()
    engine.dispose()
    return empty


def _client(program: str, options: list[str], url: URL, *files: Path, inherited: tuple[int, ...] = ()) -> None:
    """Run a program of PostgreSQL; the password is handed over by its variable, never as an argument."""
    found = shutil.which(program)
    if found is None:
        raise WorkspaceError("backup.no_client", program=program)
    plain = make_url(url).set(drivername="postgresql", password=None)
    secret = {} if url.password is None else {"PGPASSWORD": str(url.password)}
    named = f"--dbname={plain.render_as_string()}"
    done = subprocess.run(  # noqa: S603 - found on the path, without a shell
        [found, *options, named, *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | secret,
        pass_fds=inherited,
    )
    if done.returncode:
        problem = next(iter(done.stderr.strip().splitlines()), f"{program}: {done.returncode}")
        raise WorkspaceError("backup.client_failed", program=program, problem=problem)
