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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Connection

from governance import artefacts, register
from governance.accounts import require_account
from governance.approval_state import State
from governance.custody import KEYS_FOLDER, DataClass, RunKeys
from governance.digest import canonical_json, sha256_file
from governance.disposals import BEGUN, COMPLETED, Disposal, disposed_classes, read_disposals
from governance.holds import holds
from governance.manifest import Manifest, Output
from governance.retention import DELIVERED, Term, term
from governance.runlog import Entry, Kind, append, entries
from governance.workspace import Workspace
from vocabulary.errors import IntegrityError, UsageError, WorkspaceError

PIECE = 1 << 20
"""Bytes overwritten at a time."""


@dataclass(frozen=True)
class Item:
    """A class of data of a run, or a delivered file, and until when it is kept."""

    subject: str  # the run; of a delivered file, the run that read it first
    kind: str  # a class of data, or `retention.DELIVERED`
    term: Term
    held_by: str | None  # the run or approval whose hold keeps it
    last_run: bool  # of the run published last, which the next run continues
    file: str | None = None  # of a delivered file: its name in the delivery
    sha256: str | None = None


def items(workspace: Workspace) -> list[Item]:
    """Everything that is kept, the oldest run first: classes of data of each run, then delivered files by their digest.

    Raises
    ------
    IntegrityError
        An entry or an approval was edited; nothing is disposed of by edited terms.
    """
    with workspace.reading() as connection:
        return [*_run_items(connection), *_delivered_items(connection)]


def due(found: Iterable[Item], day: date) -> list[Item]:
    """Those whose last day is before `day`."""
    return [one for one in found if one.term.until < day]


def dispose(workspace: Workspace, *, before: date, actor: str, delivered: Path | None = None) -> list[Disposal]:
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
        Folder in which delivered files past their retention are looked for, by their digest, and deleted; None to
        leave delivered files alone.

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
    return done + ([] if delivered is None else _dispose_delivered(workspace, delivered.resolve(), before, actor))


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
    descriptor = os.open(path.parent, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def run_term(connection: Connection, published: Entry, kind: str) -> tuple[str, Term]:
    """The approval of a run, and until when a kind of its data is kept."""
    approval_id = str(published.content["manifest"]["approval"])
    registered = register.find(connection, approval_id)
    if registered is None:
        raise IntegrityError("runlog.row_edited", table="approvals", row=approval_id)
    revoked = _revoked_on(connection, approval_id) if registered.state is State.REVOKED else None
    return approval_id, term(kind, _day(published), registered.approval, revoked=revoked)


def _run_items(connection: Connection, run_id: str | None = None) -> Iterator[Item]:
    held, gone = holds(connection), read_disposals(connection)
    published = entries(connection, kinds=[Kind.RUN_PUBLISHED])
    for entry in published:
        if run_id is None or entry.subject == run_id:
            classes = {output.data_class for output in _manifest(entry).outputs}
            for data_class in DataClass:
                if data_class in classes - disposed_classes(gone, entry.subject):
                    approval_id, ends = run_term(connection, entry, data_class.value)
                    by = next((target for target in (entry.subject, approval_id) if target in held), None)
                    yield Item(entry.subject, data_class.value, ends, by, entry is published[-1])


def _delivered_items(connection: Connection) -> Iterator[Item]:
    """Delivered files by the first run that read each since it was last deleted."""
    held, first = holds(connection), dict[str, Item]()
    deleted = {sha256: one.seq for one in read_disposals(connection, DELIVERED) for sha256 in one.files.values()}
    for entry in entries(connection, kinds=[Kind.RUN_PUBLISHED]):
        approval_id, ends = run_term(connection, entry, DELIVERED)
        by = next((target for target in (entry.subject, approval_id) if target in held), None)
        for one in _manifest(entry).inputs:
            if entry.seq > deleted.get(one.sha256, 0):
                found = first.setdefault(
                    one.sha256, Item(entry.subject, DELIVERED, ends, by, False, one.name, one.sha256)
                )
                if found.held_by is None and by is not None:
                    first[one.sha256] = replace(found, held_by=by)
    yield from first.values()


def _dispose_run(workspace: Workspace, run_id: str, before: date, actor: str) -> list[Disposal]:
    with workspace.writing() as connection:  # asked again, now that nobody else can write
        found = [one for one in due(_run_items(connection, run_id), before) if one.held_by is None]
        if not found:
            return []
        (entry,) = entries(connection, kinds=[Kind.RUN_PUBLISHED], subject=run_id)
        folder, classes = workspace.run_folder(run_id), {one.kind for one in found}
        outputs = {one.file: one.sha256 for one in _manifest(entry).outputs if one.data_class in classes}
        keys = [f"{KEYS_FOLDER}/{name}.json" for name in sorted(classes)]
        wrapped = {name: sha256_file(folder / name) for name in keys if (folder / name).is_file()}
        body = {
            "classes": sorted(classes),
            "terms": {one.kind: {"until": one.term.until, "rule": one.term.rule} for one in found},
            "files": outputs | wrapped,
        }
        begun = _begin(connection, run_id, before, actor, body)
    return [_carry_out(workspace, begun)]


def _dispose_delivered(workspace: Workspace, folder: Path, before: date, actor: str) -> list[Disposal]:
    if not folder.is_dir():
        raise WorkspaceError("workspace.not_a_folder", path=folder)
    held = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    digests = {path.relative_to(folder).as_posix(): sha256_file(path) for path in held}
    with workspace.writing() as connection:
        ready = {one.sha256 for one in due(_delivered_items(connection), before) if one.held_by is None}
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
    for output in _manifest(published).outputs:
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


def _manifest(entry: Entry) -> Manifest:
    return Manifest.model_validate_json(canonical_json(entry.content["manifest"]))


def _revoked_on(connection: Connection, approval_id: str) -> date:
    """Of any version: entries of later ones have the id, a slash and a number as their subject."""
    told = [
        entry
        for entry in entries(connection, kinds=[Kind.APPROVAL_REVOKED])
        if entry.subject.partition("/")[0] == approval_id
    ]
    return _day(told[-1])


def _day(entry: Entry) -> date:
    """The day of an entry where the computer is; its time is never before that of the entry before."""
    return datetime.fromisoformat(entry.at).astimezone().date()
