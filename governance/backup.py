"""A backup of a workspace in use: one state of the database, and the checkpoints, runs and settings that belong to it.

1. An entry of the log tells that it is made. What is in the log by then is in the backup, and nothing after it.
2. The database is copied as one state; then the files that this state names, each compared with its digest in the log.
   Runs that are published meanwhile are left out, those under way were never among them.
3. If anything was disposed of or a key was rotated meanwhile, the copies do not fit each other, and it is given up.
4. The list of all files with their SHA-256 is written last, and the folder gets its name. So a folder without its list
   is none that can be restored, wherever the process was killed. Two at once do not make the same folder.

The keys that wrap all others are not among them: those go into a file of their own, under a passphrase, which is
written last too, and goes again if the backup comes to nothing.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from governance import store
from governance.accounts import require_account
from governance.checkpoint import notes
from governance.custody import DATABASE, KEYS_FOLDER, DataClass, write_secret
from governance.digest import sha256_file
from governance.disposals import disposed_classes, read_disposals
from governance.dump import dump
from governance.flushing import flush
from governance.items import manifest_of
from governance.making import close_and_flush, making
from governance.manifest import MANIFEST_FILE
from governance.runlog import Kind, entries, head, origin
from governance.sealed_keys import sealed_keys
from governance.workspace import MAY_STAND_BEFORE, VERIFIER_KEY_FILE, Workspace
from vocabulary.errors import IntegrityError, UsageError, WorkspaceError

FORM = "mimamori/backup/1"
LIST_FILE = "files.json"
"""The list of the files; written last."""

SPOILING = (Kind.DISPOSAL, Kind.ROTATION)
"""What must not happen while files are copied."""


@dataclass(frozen=True)
class Backup:
    """What was made."""

    folder: str
    entries: int  # of the log
    files: int
    keys: str | None  # file of the sealed keys
    keys_left_out: tuple[str, ...]  # which lie with a custodian just now


@dataclass(frozen=True)
class State:
    """One state of the database: the length and name of the log, and the files that belong to it."""

    size: int
    origin: str
    files: dict[str, str | None]  # path in the workspace and SHA-256, where the log has it


def backup(workspace: Workspace, out: Path, *, keys: Path | None, actor: str) -> Backup:
    """Make a backup in the folder `out`, which is not there yet, and the sealed keys in the file `keys`.

    Raises
    ------
    UsageError
        Something stands where the backup or the keys are to be.
    WorkspaceError
        `actor` has to be an active account, another process makes the same backup, a rotation of a key is to be ended
        first, something was disposed of or rotated meanwhile, or PostgreSQL's client is missing or failed.
    IntegrityError
        A file is not what the log says: a backup of it would be of no use.
    """
    out = out.resolve()
    _hold_free(out, keys)
    with workspace.reading() as connection:
        require_account(connection, actor)
        name, before = origin(connection), head(connection).size
    with making(out) as made:
        _hold_free(out, keys)  # another one may have been made since
        sealed, left_out = (b"", ()) if keys is None else sealed_keys(workspace.custody, name)
        workspace.log(actor=actor, kind=Kind.BACKUP, subject="backup", body={"step": "begun"})
        state, files = _copy(workspace, made.part)
        _hold_unspoiled(workspace, before)  # the keys were sealed after it
        listed = {"form": FORM, "origin": state.origin, "entries": state.size, "made": _now(), "files": files}
        close_and_flush(made.part)
        write_secret(made.part / LIST_FILE, json.dumps(listed, ensure_ascii=False, indent=1).encode() + b"\n")
        digest = sha256_file(made.part / LIST_FILE)
        with _written(keys, sealed, out):
            made.part.rename(out)
        flush(out.parent)
    told = {"step": "made", "entries": state.size, "files": len(files), "list_sha256": digest, "keys": keys is not None}
    workspace.log(actor=actor, kind=Kind.BACKUP, subject="backup", body=told)
    return Backup(str(out), state.size, len(files), None if keys is None else str(keys), left_out)


def _hold_free(out: Path, keys: Path | None) -> None:
    if out.exists():
        raise UsageError("backup.exists", path=out)
    if keys is not None and keys.exists():
        raise UsageError("backup.keys_stand", file=keys)


@contextmanager
def _written(keys: Path | None, sealed: bytes, out: Path) -> Iterator[None]:
    """Write the sealed keys, and remove them if it fails that `out` gets its name."""
    if keys is None:
        yield
        return
    try:
        write_secret(keys, sealed)
    except FileExistsError:  # since we looked
        raise UsageError("backup.keys_stand", file=keys) from None
    try:
        flush(keys.parent)
        yield
    except BaseException:
        if not out.exists():
            keys.unlink(missing_ok=True)
        raise


def _copy(workspace: Workspace, part: Path) -> tuple[State, dict[str, str]]:
    """Copy one state of the workspace into `part`; the digests of the files by their path there."""
    with store.reading(workspace.engine) as connection:
        state = _state(workspace, connection)  # from this first look on, the transaction sees one state
        copied = dump(connection, workspace.engine.url, part)
    digests = {copied.name: sha256_file(copied)}
    for name, note in notes(workspace.path / "checkpoints", state.size):
        if name.partition(".")[0] <= f"{state.size:010d}":
            digests[f"checkpoints/{name}"] = _put(part / "checkpoints" / name, note.encode())
    for name, logged in state.files.items():
        digests[name] = _copy_file(workspace.path / name, part / name, logged)
    return state, digests


def _state(workspace: Workspace, connection: Connection) -> State:
    gone = read_disposals(connection)
    files: dict[str, str | None] = {f"checkpoints/{VERIFIER_KEY_FILE}": None}
    files |= {f"{KEYS_FOLDER}/{DATABASE}-{one}.json": None for one in DataClass}
    files |= {path.relative_to(workspace.path).as_posix(): None for path in _settings(workspace)}
    for entry in entries(connection, kinds=[Kind.RUN_PUBLISHED]):
        run = f"runs/{entry.subject}"
        lost = disposed_classes(gone, entry.subject)
        files[f"{run}/{MANIFEST_FILE}"] = entry.content["manifest_sha256"]
        files |= {f"{run}/{KEYS_FOLDER}/{one}.json": None for one in DataClass if one not in lost}
        files |= {f"{run}/{one.file}": one.sha256 for one in manifest_of(entry).outputs if one.data_class not in lost}
    return State(head(connection).size, origin(connection), files)


def _settings(workspace: Workspace) -> Iterator[Path]:
    for name in sorted(MAY_STAND_BEFORE):
        path = workspace.path / name
        yield from (one for one in sorted([path, *path.rglob("*")]) if one.is_file())


def _copy_file(source: Path, target: Path, logged: str | None) -> str:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, target)
    except FileNotFoundError:
        raise WorkspaceError("backup.file_gone", file=source) from None
    digest = sha256_file(target)
    if logged is not None and digest != logged:
        raise IntegrityError("backup.file_altered", file=source)
    return digest


def _put(path: Path, content: bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return sha256_file(path)


def _hold_unspoiled(workspace: Workspace, since: int) -> None:
    """Refuse if something was disposed of or a key rotated since an entry, or a rotation was killed before its own."""
    with store.writing(workspace.engine) as connection:
        rotating = [name for name in ("root", "identities", "log") if workspace.custody.following(name).exists()]
        if rotating:
            raise WorkspaceError("custody.status_unfinished", name=rotating[0])
        if any(entry.seq > since for entry in entries(connection, kinds=SPOILING)):
            raise WorkspaceError("backup.overtaken")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
