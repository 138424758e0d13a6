"""A workspace made from a backup, whole or not at all.

Every file is compared with the backup's list before anything is made. The workspace is put together beside the place
where it is to stand; then its database is filled, the log told, and last the folder gets its name. A restore that was
killed in between is taken up by the next one from the same backup: the folder that stands ready tells it that a
database which holds what was copied, and nothing since but the entry of the restoration, is the one it filled.

An older backup holds an older log: that it lacks what came after is found against a checkpoint kept outside, and what
was disposed of since has to be disposed of again.
"""

import glob
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import URL, inspect
from sqlalchemy.engine import make_url

from governance import store, tables
from governance.backup import FORM, LIST_FILE
from governance.custody import NAMES, Custody
from governance.digest import sha256_file
from governance.dump import POSTGRESQL_FILE, SQLITE_FILE, load
from governance.flushing import flush
from governance.lock import ProcessLock
from governance.making import close_and_flush, making
from governance.runlog import Entry, Kind, entries, head, origin
from governance.sealed_keys import opened_keys, put_keys
from governance.workspace import DATABASE_FILE, Workspace, load_settings
from vocabulary.errors import IntegrityError, UsageError

COPIES = frozenset({SQLITE_FILE, POSTGRESQL_FILE})
"""Of the database: a backup has one of them."""

READY = "mimamori-ready"
"""How the name ends of a folder that lacks nothing but its database and its name."""

LIST_PART = "[0-9a-f]" * 16
"""Before that stands the beginning of the SHA-256 of the backup's list; nothing else, as one name may begin another."""


class Listed(BaseModel):
    """The list of a backup's files."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    form: str
    origin: str
    entries: int
    made: str
    files: dict[str, str]


@dataclass(frozen=True)
class Source:
    """A whole backup."""

    folder: Path
    listed: Listed
    list_sha256: str


@dataclass(frozen=True)
class Restored:
    """What was made."""

    workspace: str
    made: str  # when the backup was
    entries: int  # of its log
    files: int
    missing_keys: tuple[str, ...]  # which have to be put back before the workspace can be used
    logged: bool  # whether the log could be signed


def restore(folder: Path, target: Path, *, keys: Path | None, actor: str) -> Restored:
    """Make the workspace `target`, which is absent or an empty folder, from the backup in `folder`.

    Raises
    ------
    UsageError
        `folder` holds no backup, or something stands at `target`.
    IntegrityError
        A file of the backup is missing or altered.
    WorkspaceError
        The keys are of another workspace, another process makes the same, or the database is not empty or not of the
        kind that was copied.
    """
    target = target.resolve()
    _hold_free(target)
    source = _source(folder)
    opened = {} if keys is None else opened_keys(keys, source.listed.origin)
    ready = target.with_name(f".{target.name}.{source.list_sha256[:16]}.{READY}")
    with making(target) as made:
        _hold_free(target)  # another one may have been made since
        begun = ready.exists()
        if not begun:
            _put_together(source, made.part)
            made.part.rename(ready)
            flush(ready.parent)
        try:
            _fill(source, ready, opened, made.lock, begun=begun)
        except BaseException:
            if not begun:
                shutil.rmtree(ready, ignore_errors=True)
            raise
        missing = _tell(source, ready, actor)
        ready.rename(target)
        flush(target.parent)
        of_other_backups = f".{glob.escape(target.name)}.{LIST_PART}.{READY}"
        for given_up in target.parent.glob(of_other_backups):
            shutil.rmtree(given_up)
    listed = source.listed
    return Restored(str(target), listed.made, listed.entries, len(listed.files), missing, "log" not in missing)


def _hold_free(target: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError("backup.exists", path=target)


def _source(folder: Path) -> Source:
    """The backup in `folder`, once every file of it was compared."""
    try:
        listed = Listed.model_validate(json.loads((folder / LIST_FILE).read_bytes()))
    except (OSError, ValueError, ValidationError):
        raise UsageError("backup.none", folder=folder) from None
    if listed.form != FORM:
        raise UsageError("backup.none", folder=folder)
    for name in listed.files:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise IntegrityError("backup.damaged", file=name)
    for name, digest in listed.files.items():
        path = folder / name
        if path.is_symlink() or not path.is_file() or sha256_file(path) != digest:
            raise IntegrityError("backup.damaged", file=name)
    if len(COPIES & listed.files.keys()) != 1:
        raise IntegrityError("backup.damaged", file=LIST_FILE)
    return Source(folder, listed, sha256_file(folder / LIST_FILE))


def _put_together(source: Source, part: Path) -> None:
    """All of the workspace but its database and its keys, through to the disk."""
    for name in source.listed.files.keys() - COPIES:
        (part / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source.folder / name, part / name)
    (part / "keys").mkdir(mode=0o700, exist_ok=True)
    close_and_flush(part)


def _fill(source: Source, ready: Path, keys: Mapping[str, bytes], lock: ProcessLock, *, begun: bool) -> None:
    """Put in the keys, and the database unless one that was killed has done so."""
    settings = load_settings(ready)
    put_keys(Custody(ready / "keys", settings.keys), keys)
    url = None if settings.database is None else make_url(settings.database)
    if begun and _is_filled(source, store.sqlite_url(ready / DATABASE_FILE) if url is None else url):
        return
    (copy,) = COPIES & source.listed.files.keys()
    load(source.folder / copy, url, ready / DATABASE_FILE, lock=lock)


def _is_filled(source: Source, url: URL) -> bool:
    """Whether a database holds what was copied, and nothing since but the entry of this restoration."""
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return False
    engine = store.open_engine(url)
    try:
        with store.reading(engine) as connection:
            if not inspect(connection).has_table(tables.log_entries.name):
                return False
            if origin(connection) != source.listed.origin:
                return False
            beyond = entries(connection, since=source.listed.entries)
            is_whole = head(connection).size - len(beyond) == source.listed.entries
            return is_whole and (not beyond or (len(beyond) == 1 and _tells(beyond[0], source)))
    finally:
        engine.dispose()


def _tell(source: Source, ready: Path, actor: str) -> tuple[str, ...]:
    """Log the restoration unless one that was killed has done so; the names of keys that are not there."""
    workspace = Workspace.open(ready)
    try:
        missing = tuple(name for name in NAMES if not workspace.custody.file(name).exists())
        with workspace.reading() as connection:
            is_told = any(_tells(entry, source) for entry in entries(connection, since=source.listed.entries))
        if "log" not in missing and not is_told:
            told = {"step": "restored", "made": source.listed.made, "entries": source.listed.entries}
            told["list_sha256"] = source.list_sha256
            workspace.log(actor=actor, kind=Kind.BACKUP, subject="backup", body=told)
    finally:
        workspace.engine.dispose()
    return missing


def _tells(entry: Entry, source: Source) -> bool:
    """Whether an entry is that of the restoration."""
    return entry.kind == Kind.BACKUP and entry.content.get("list_sha256") == source.list_sha256
