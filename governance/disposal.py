"""Disposal: what is past its retention is destroyed, and the log proves what and when.

Of a run, the wrapped key of a class of data is overwritten and removed first, then that class's files; its manifest,
which has no personal data, stays. In this order:

1. An entry names what will be destroyed, with its hashes. From then on it counts as gone.
2. Each key is overwritten, flushed and removed; reading every artefact of the class is tried, and must fail.
3. The files are removed.
4. An entry says that it is done.

Every step can be done again, so a process killed anywhere leaves what `finish` completes: at the next disposal, and
before the next run.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Connection

from governance import artefacts
from governance.accounts import require_account
from governance.custody import KEYS_FOLDER, DataClass, RunKeys
from governance.digest import sha256_file
from governance.disposals import BEGUN, COMPLETED, Disposal, read_disposals
from governance.flushing import flush
from governance.holds import holds
from governance.items import Terms, delivered_items, due, items, manifest_of, run_items
from governance.manifest import Output
from governance.retention import DELIVERED
from governance.runlog import Kind, append, entries
from governance.workspace import Workspace
from vocabulary.errors import IntegrityError, UsageError, WorkspaceError

SET_ASIDE = "set-aside"
"""Where folders go that stood in `runs/` without an entry of publication."""

PIECE = 1 << 20
"""Bytes overwritten at a time."""


def dispose(workspace: Workspace, *, before: date, actor: str, delivered: Sequence[Path] = ()) -> list[Disposal]:
    """Destroy what was kept until before a day and is not under hold.

    Parameters
    ----------
    workspace
        An open workspace.
    before
        Today or an earlier day.
    actor
        Who does it.
    delivered
        Folders in which delivered files past their retention are looked for, by their digest, and deleted; further
        copies of those that were deleted before among them.

    Returns
    -------
    list of Disposal
        What was destroyed now, completed ones of killed processes included.

    Raises
    ------
    UsageError
        The day is in the future.
    WorkspaceError
        `actor` has to be an active account.
    IntegrityError
        Data could still be read after its key was destroyed.
    """
    if before > today():
        raise UsageError("retention.day_ahead", day=before, today=today())
    with workspace.reading() as connection:
        require_account(connection, actor)
    done = finish(workspace)
    for run_id in dict.fromkeys(one.subject for one in due(items(workspace), before) if one.kind != DELIVERED):
        done += _dispose_run(workspace, run_id, before, actor)
    done += _dispose_set_aside(workspace, before, actor)
    for folder in delivered:
        done += _dispose_delivered(workspace, folder.resolve(), before, actor)
    return done


def finish(workspace: Workspace) -> list[Disposal]:
    """Complete disposals that were begun by a process that did not live to complete them.

    One of delivered files waits until their folder is there: it may lie on a medium that is not mounted.
    """
    with workspace.reading() as connection:
        begun = [
            one
            for one in read_disposals(connection)
            if not one.completed and (one.folder is None or Path(one.folder).is_dir())
        ]
    for one in begun:
        _carry_out(workspace, one)
    return begun


def today() -> date:
    """The day of the computer's clock, where the computer is."""
    return datetime.now(UTC).astimezone().date()


def destroy_file(path: Path) -> None:
    """Overwrite a file by zeros, flush it, remove it, and flush its folder; nothing where it is not there."""
    try:
        with path.open("r+b") as file:
            left = path.stat().st_size
            while left > 0:
                left -= file.write(bytes(min(left, PIECE)))
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    path.unlink(missing_ok=True)
    flush(path.parent)


def _dispose_run(workspace: Workspace, run_id: str, before: date, actor: str) -> list[Disposal]:
    with workspace.writing() as connection:  # asked again, now that nobody else can write
        terms = Terms(workspace, connection)
        found = [one for one in due(run_items(connection, terms, run_id), before) if one.held_by is None]
        if not found:
            return []
        (entry,) = entries(connection, kinds=[Kind.RUN_PUBLISHED], subject=run_id)
        folder, classes = workspace.run_folder(run_id), {one.kind for one in found}
        outputs = {one.file: one.sha256 for one in manifest_of(entry).outputs if one.data_class in classes}
        keys = [f"{KEYS_FOLDER}/{name}.json" for name in sorted(classes)]
        wrapped = {name: sha256_file(folder / name) for name in keys if (folder / name).is_file()}
        body = {
            "classes": sorted(classes),
            "terms": {one.kind: {"until": one.term.until, "rule": one.term.rule} for one in found},
            "files": outputs | wrapped,
        }
        begun = _begin(connection, run_id, before, actor, body)
    return [_carry_out(workspace, begun)]


def _dispose_set_aside(workspace: Workspace, before: date, actor: str) -> list[Disposal]:
    """Folders of runs that were never published go whole, once what such a run read is past its retention."""
    found = []
    for folder in sorted((workspace.path / SET_ASIDE).glob("*")):
        with workspace.writing() as connection:
            terms = Terms(workspace, connection)
            for entry in entries(connection, kinds=[Kind.RUN_STARTED], subject=folder.name):
                item = terms.item(entry, DataClass.EXTRACTS.value, holds(connection))
                if item.held_by is None and item.term.until < before:
                    paths = sorted(path for path in folder.rglob("*") if path.is_file())
                    files = {path.relative_to(folder).as_posix(): sha256_file(path) for path in paths}
                    body = {"folder": str(folder), "files": files}
                    found.append(_begin(connection, f"{SET_ASIDE}/{folder.name}", before, actor, body))
    done = [_carry_out(workspace, begun) for begun in found]
    for begun in done:
        shutil.rmtree(str(begun.folder))  # the files are gone; folders are left
    return done


def _dispose_delivered(workspace: Workspace, folder: Path, before: date, actor: str) -> list[Disposal]:
    if not folder.is_dir():
        raise WorkspaceError("workspace.not_a_folder", path=folder)
    held = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    digests = {path.relative_to(folder).as_posix(): sha256_file(path) for path in held}
    with workspace.writing() as connection:
        terms = Terms(workspace, connection)
        kept = list(delivered_items(connection, terms))
        ready = {one.sha256 for one in due(kept, before) if one.held_by is None}
        deleted = {digest for one in read_disposals(connection, DELIVERED) for digest in one.files.values()}
        ready |= deleted - {one.sha256 for one in kept}  # another copy of what was deleted, and not delivered again
        files = {name: digest for name, digest in digests.items() if digest in ready}
        if not files:
            return []
        begun = _begin(connection, DELIVERED, before, actor, {"folder": str(folder), "files": files})
    return [_carry_out(workspace, begun)]


def _begin(connection: Connection, subject: str, day: date, actor: str, body: Mapping[str, object]) -> Disposal:
    told = {"step": BEGUN, "day": day, "clock": today(), **body}
    append(connection, actor=actor, kind=Kind.DISPOSAL, subject=subject, body=told)
    return read_disposals(connection, subject)[-1]


def _carry_out(workspace: Workspace, begun: Disposal) -> Disposal:
    """Destroy what a begun disposal names and log that it is done; what is gone already stays gone."""
    destroyed = _destroy_delivered(begun) if begun.folder is not None else _destroy_classes(workspace, begun)
    with workspace.writing() as connection:
        again = read_disposals(connection, begun.subject)
        if not any(one.seq == begun.seq and one.completed for one in again):
            body = {"step": COMPLETED, "begun": begun.seq, **destroyed}
            append(connection, actor=begun.actor, kind=Kind.DISPOSAL, subject=begun.subject, body=body)
    return replace(begun, completed=True)


def _destroy_delivered(begun: Disposal) -> dict[str, object]:
    for name, digest in begun.files.items():
        path = Path(str(begun.folder)) / name
        if path.is_file() and sha256_file(path) == digest:  # another file may stand there by now
            destroy_file(path)
    return {"files": len(begun.files)}


def _destroy_classes(workspace: Workspace, begun: Disposal) -> dict[str, object]:
    folder = workspace.run_folder(begun.subject)
    keys = [name for name in begun.files if name.startswith(f"{KEYS_FOLDER}/")]
    for name in keys:
        destroy_file(folder / name)
    with workspace.reading() as connection:
        (published,) = entries(connection, kinds=[Kind.RUN_PUBLISHED], subject=begun.subject)
    for output in manifest_of(published).outputs:
        if output.data_class in begun.classes:
            _prove_unreadable(workspace, begun.subject, output)
    for name in begun.files:
        (folder / name).unlink(missing_ok=True)
    return {"files": len(begun.files) - len(keys), "keys": len(keys), "decryption": "fails"}


def _prove_unreadable(workspace: Workspace, run_id: str, output: Output) -> None:
    """Try to read an artefact whose key was destroyed; that key must be what is missing."""
    folder = workspace.run_folder(run_id)
    keys = RunKeys(workspace.custody, run_id, folder / KEYS_FOLDER)
    try:
        if output.rows is None:
            artefacts.read_document(keys, folder, output)
        else:
            next(artefacts.read_parts(keys, folder, output))
    except (WorkspaceError, IntegrityError):
        if not (folder / KEYS_FOLDER / f"{output.data_class}.json").exists():
            return
    raise IntegrityError("retention.still_readable", run=run_id, name=output.name)
