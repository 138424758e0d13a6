"""What somebody can do who holds a whole workspace with its keys: write its log anew, so that it fits itself."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, insert, update

from governance import store, tables
from governance.checkpoint import Checkpoint, signed_note
from governance.digest import canonical_json
from governance.merkle import push, root
from governance.public_log import read_public_log
from governance.runlog import FIRST_PREVIOUS, Entry, Kind, stored_entries
from governance.workspace import Workspace

Edit = Callable[[list[Entry]], list[Entry]]


def fill(workspace: Workspace, number: int = 6) -> None:
    """So many entries that could be anything."""
    for at in range(number):
        workspace.log(actor="os:operator", kind=Kind.VIEW, subject=f"run-{at}", body={"at": at})


def newest(workspace: Workspace) -> str:
    """The checkpoint that is given to the council."""
    return read_public_log(workspace).note


def write_anew(workspace: Workspace, edit: Edit) -> None:
    """Put an edited log in place of the real one, every number, hash, head and checkpoint made to fit."""
    with store.writing(workspace.engine) as connection:
        entries = _chained(edit(list(stored_entries(connection))))
        connection.execute(delete(tables.log_entries))
        connection.execute(insert(tables.log_entries), [vars(entry) for entry in entries])
        frontier, roots = (), []
        for size, entry in enumerate(entries):
            frontier = push(frontier, size, bytes.fromhex(entry.entry_hash))
            roots.append(root(frontier))
        parts = " ".join(part.hex() for part in frontier)
        head = {"size": len(entries), "entry_hash": entries[-1].entry_hash, "frontier": parts}
        connection.execute(update(tables.log_head).values(head))
    folder = workspace.path / "checkpoints"
    for path in folder.glob("*.txt"):
        path.unlink()
    for size, one in enumerate(roots, start=1):
        note = signed_note(Checkpoint(entries[0].subject, size, one), workspace.custody)
        (folder / f"{size:010d}.txt").write_text(note, encoding="utf-8")


def _chained(edited: Sequence[Entry]) -> list[Entry]:
    chained: list[Entry] = []
    for seq, entry in enumerate(edited, start=1):
        previous = chained[-1].entry_hash if chained else FIRST_PREVIOUS
        linked = replace(entry, seq=seq, previous_hash=previous, entry_hash="")
        chained.append(replace(linked, entry_hash=linked.computed_hash()))
    return chained


def dated(entry: Entry, by: timedelta) -> Entry:
    """An entry with its time moved."""
    return replace(entry, at=(datetime.fromisoformat(entry.at) + by).isoformat(timespec="microseconds"))


def rewrite(workspace: Workspace) -> None:
    """Somebody else did it."""
    write_anew(workspace, lambda found: [found[0], replace(found[1], actor="os:nobody"), *found[2:]])


def truncate(workspace: Workspace) -> None:
    """The end never happened."""
    write_anew(workspace, lambda found: found[:-2])


def reorder(workspace: Workspace) -> None:
    """The third was before the second; each keeps the time of its place."""
    write_anew(
        workspace,
        lambda found: [found[0], replace(found[2], at=found[1].at), replace(found[1], at=found[2].at), *found[3:]],
    )


def take_out(workspace: Workspace) -> None:
    """The third never happened, but as many entries are there."""
    write_anew(workspace, lambda found: [*found[:2], *found[3:], replace(found[-1], subject="run-x")])


def back_date(workspace: Workspace) -> None:
    """All of it happened a day earlier."""
    write_anew(workspace, lambda found: [dated(entry, timedelta(days=-1)) for entry in found])


def insert_back_dated(workspace: Workspace) -> None:
    """An entry that was not there when its time was."""
    write_anew(workspace, lambda found: [*found[:3], replace(found[2], subject="run-before"), *found[3:]])


def replace_database(workspace: Workspace) -> None:
    """Another workspace stands in its place."""
    other = Workspace.create(workspace.path.with_name("other"), actor="os:operator")
    fill(other)
    workspace.engine.dispose()
    other.engine.dispose()
    shutil.rmtree(workspace.path)
    shutil.move(other.path, workspace.path)


def replace_log_key(workspace: Workspace) -> None:
    """A new key signs a log that begins with it, under the name of the old one."""
    (workspace.path / "keys" / "log.key").unlink()
    workspace.custody.create()
    with workspace.reading() as connection:
        origin = next(stored_entries(connection)).subject
    key = workspace.custody.verifier_key(origin)
    (workspace.path / "checkpoints" / "log.vkey").write_text(f"{key}\n", encoding="ascii")
    body = canonical_json({"verifier_key": key}).decode()
    write_anew(workspace, lambda found: [replace(found[0], body=body), *found[1:]])


def split_view(workspace: Workspace) -> None:
    """Another log is shown, which shares the first half."""
    write_anew(
        workspace,
        lambda found: [*found[: len(found) // 2], *(replace(one, actor="os:b") for one in found[len(found) // 2 :])],
    )


ATTACKS = [
    (rewrite, "not those that were signed"),
    (truncate, "cut off"),
    (reorder, "not those that were signed"),
    (take_out, "not those that were signed"),
    (back_date, "not those that were signed"),
    (insert_back_dated, "not those that were signed"),
    (replace_database, "of another log"),
    (replace_log_key, "not signed by the key of this log"),
    (split_view, "not those that were signed"),
]
"""What is done, and what `runs verify --checkpoint` says of it. Each leaves a workspace that fits itself."""


def keep(folder: Path, name: str, note: str) -> Path:
    """A file that the council keeps."""
    path = folder / name
    path.write_text(note, encoding="utf-8")
    return path
