"""A wrapping key is replaced: every data key that it wrapped is wrapped by the next one, and it is destroyed.

1. The next key is made and stands beside the old one, as `root.key.new`.
2. Under the writer lock each wrapped data key is replaced, one file at a time.
3. The entry is appended and committed.
4. The next key takes the old one's name; the old one's content is overwritten.

From the first step to the last both keys are there, and readers try both. So whatever a process killed in between left
can be read, and the next rotation of this key carries on where that one ended. Data keys themselves stay: a copy of the
old wrapping key together with copies of the old files opens what it always opened.

The key that signs the log is replaced in the same steps, but wraps nothing: the entry introduces the next key, signed
by both, and is itself the first that the next key signs (`governance.log_key`).
"""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from governance import wrapping
from governance.accounts import require_account
from governance.custody import (
    DATABASE,
    KEYS_FOLDER,
    DataClass,
    signing_key,
    unwrap,
    wrap,
    wrapping_key,
    write_secret,
)
from governance.flushing import flush
from governance.log_key import introduction, read_keys
from governance.recovery import SET_ASIDE, recover
from governance.runlog import Kind, append, entries, head
from governance.workspace import VERIFIER_KEY_FILE, Workspace
from governance.wrapping import KEY_BYTES
from vocabulary.errors import IntegrityError, WorkspaceError

LOG = "log"

ROTATED = ("root", "identities", LOG)
"""Keys that can be replaced. Person ids come from `pseudonyms`."""


@dataclass(frozen=True)
class Rotated:
    """One key was replaced: ids of both, and how many data keys the new one wraps."""

    name: str
    old: str
    new: str
    files: int


@dataclass(frozen=True)
class WrappedKey:
    """A data key in its file, and what it is bound to."""

    path: Path
    owner: str  # the run, or the database
    data_class: DataClass


def rotate(workspace: Workspace, name: str, *, actor: str) -> Rotated:
    """Replace the wrapping key `name`, or end a rotation of it that was interrupted.

    Raises
    ------
    WorkspaceError
        The key is not one that can be replaced, a run is under way, or a key cannot be had; nothing was changed.
    IntegrityError
        A data key cannot be opened: to destroy the old key would make it unreadable for good. Nothing was changed.
    """
    if name not in ROTATED:
        raise WorkspaceError("custody.no_rotation", name=name)
    with workspace.reading() as connection:
        require_account(connection, actor)
    recover(workspace)
    if name == LOG:
        return _rotate_log(workspace, actor)
    custody = workspace.custody
    following = custody.following(name)
    content = None if following.exists() else _new_key(workspace, name)  # what is asked is asked without the lock
    with workspace.writing() as connection:
        if any(item.is_dir() for item in (workspace.path / "staging").iterdir()):
            raise WorkspaceError("custody.run_under_way")
        found = list(_wrapped_by(workspace, name))
        keys = [unwrap(custody, one.path, one.owner, one.data_class) for one in found]
        if not following.exists():
            _replace(following, content or _new_key(workspace, name), following.with_suffix(".part"))
        old, new = custody.in_use(name)
        for one, key in zip(found, keys, strict=True):
            _replace(one.path, wrap(new, key, one.owner, one.data_class), _draft(workspace, one))
        made = Rotated(name, wrapping.key_id(old), wrapping.key_id(new), len(found))
        _log_once(connection, made, actor)
    _succeed(custody.file(name), following)
    return made


def _rotate_log(workspace: Workspace, actor: str) -> Rotated:
    custody, following = workspace.custody, workspace.custody.following(LOG)
    content = None if following.exists() else _new_key(workspace, LOG)
    with workspace.writing() as connection:
        keys = read_keys(connection)
        if keys is None:
            raise IntegrityError("runlog.log_key_replaced")
        if not following.exists():
            _replace(following, content or _new_key(workspace, LOG), following.with_suffix(".part"))
        old, new = custody.in_use(LOG)
        made = Rotated(LOG, wrapping.key_id(old), wrapping.key_id(new), 0)
        public = signing_key(new, keys.name)
        if public != keys.current:  # else a process was killed after its commit
            note = introduction(custody, keys, public, head(connection).size + 1)
            body = {"key": LOG, "old": made.old, "new": made.new, "introduction": note}
            append(connection, actor=actor, kind=Kind.ROTATION, subject=_subject(LOG), body=body)
            keys = read_keys(connection)
    _succeed(custody.file(LOG), following)
    public_file = workspace.path / "checkpoints" / VERIFIER_KEY_FILE
    _replace(public_file, f"{keys}\n".encode(), public_file.with_suffix(".part"))
    return made


def rewrap(workspace: Workspace, name: str, *, actor: str) -> None:
    """Keep the same key by the method that the settings have now, or under another passphrase, and log it.

    Raises
    ------
    WorkspaceError
        A rotation of the key is to be ended first, or the key cannot be had; nothing was changed.
    """
    custody = workspace.custody
    with workspace.reading() as connection:
        require_account(connection, actor)
    if custody.following(name).exists():
        raise WorkspaceError("custody.status_unfinished", name=name)
    key, keeper, file = custody.opened(name), custody.keeper(name), custody.file(name)
    content = wrapping.wrapped(name, key, keeper, following=True)
    body = {"key": name, "rewrapped": keeper.method.value, "id": wrapping.key_id(key)}
    with workspace.writing() as connection:
        if custody.following(name).exists() or custody.opened(name) != key:  # replaced while a passphrase was typed
            raise WorkspaceError("custody.status_unfinished", name=name)
        append(connection, actor=actor, kind=Kind.ROTATION, subject=_subject(name), body=body)
        draft = file.with_suffix(".part")
        draft.unlink(missing_ok=True)
        write_secret(draft, content)
        _succeed(file, draft)


def _new_key(workspace: Workspace, name: str) -> bytes:
    keeper = workspace.custody.keeper(name)
    return wrapping.wrapped(name, secrets.token_bytes(KEY_BYTES), keeper, following=True)


def _wrapped_by(workspace: Workspace, name: str) -> Iterator[WrappedKey]:
    """Every data key that the key `name` wraps; one that was destroyed has no file."""
    classes = [data_class for data_class in DataClass if wrapping_key(data_class) == name]
    runs = [run for folder in ("runs", SET_ASIDE) for run in sorted((workspace.path / folder).glob("*"))]
    for data_class in classes:
        files = {run.name: run / KEYS_FOLDER / f"{data_class}.json" for run in runs}
        files[DATABASE] = workspace.custody.database_file(data_class)
        yield from (WrappedKey(path, owner, data_class) for owner, path in files.items() if path.exists())


def _log_once(connection: Connection, made: Rotated, actor: str) -> None:
    """Append the entry of a rotation, unless a process that was killed after its commit has done so."""
    logged = entries(connection, kinds=[Kind.ROTATION], subject=_subject(made.name))
    if not any(entry.content.get("new") == made.new for entry in logged):
        body = {"key": made.name, "old": made.old, "new": made.new, "files": made.files}
        append(connection, actor=actor, kind=Kind.ROTATION, subject=_subject(made.name), body=body)


def _subject(name: str) -> str:
    return f"keys/{name}"


def _draft(workspace: Workspace, one: WrappedKey) -> Path:
    """Where a wrapped key is written before it takes its place: on the same disk, and not in a run's folder."""
    return one.path.with_suffix(".part") if one.owner == DATABASE else workspace.path / "staging/rotation.part"


def _replace(path: Path, content: bytes, draft: Path) -> None:
    draft.unlink(missing_ok=True)
    write_secret(draft, content)
    draft.replace(path)
    flush(path.parent)


def _succeed(path: Path, successor: Path) -> None:
    """Let a key's file take the place of the one before it, whose content is overwritten as far as the disk does so."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        size = os.fstat(descriptor).st_size
        successor.replace(path)
        flush(path.parent)
        os.write(descriptor, bytes(size))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
