"""Proof that what is held is what was written: the log, its checkpoints, the registers, and every published run.

`verify` recomputes everything and gives one finding for each thing that is not as it was written. Whoever holds the
workspace with its keys can write all of it anew, checkpoints included; that is found only against a checkpoint which
lies outside, with the council.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, select

from governance import accounts, register, store
from governance.checkpoint import Checkpoint, parse_note
from governance.custody import KEYS_FOLDER, DataClass, RunKeys
from governance.digest import canonical_json, sha256_file
from governance.manifest import MANIFEST_FILE, Manifest
from governance.merkle import push, root
from governance.records import row_digest
from governance.runlog import FIRST_PREVIOUS, Entry, Head, Kind, head, stored_entries
from governance.staging import recover
from governance.workspace import VERIFIER_KEY_FILE, Workspace
from vocabulary.errors import IntegrityError, MimamoriError, WorkspaceError
from vocabulary.texts import text


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was written."""

    key: str
    values: tuple[tuple[str, Any], ...]

    def __str__(self) -> str:
        return text(self.key, **dict(self.values))


def _finding(key: str, **values: object) -> Finding:
    return Finding(key, tuple(values.items()))


@dataclass(frozen=True)
class _Log:
    """The log as read: its entries, those among them that give their own hash, and the Merkle root at each size."""

    entries: list[Entry]
    sound: list[Entry]
    roots: list[bytes]  # at size 0, 1, 2 …


def verify(workspace: Workspace, run_id: str | None = None) -> list[Finding]:
    """Check the log, the checkpoints and the registers, and every published run, or one.

    Parameters
    ----------
    workspace
        An open workspace; leftovers of killed runs in it are removed first.
    run_id
        The one run whose folder is checked; None for all.

    Returns
    -------
    list of Finding
        Empty where everything is as it was written.

    Raises
    ------
    WorkspaceError
        There is no such run.
    """
    findings = _leftovers(workspace)
    with workspace.reading() as connection:
        log = _read_log(connection)
        findings += _chain_findings(log.entries)
        findings += _head_findings(connection, log)
        findings += _row_findings(connection, store.approvals, register.KINDS, log.sound)
        findings += _row_findings(connection, store.accounts, accounts.KINDS, log.sound)
    findings += _checkpoint_findings(workspace, log)
    findings += _runs_findings(workspace, log.sound, run_id)
    return findings


def _leftovers(workspace: Workspace) -> list[Finding]:
    """Remove what killed runs left, so that it is not taken for an alteration."""
    try:
        recover(workspace)
    except (IntegrityError, WorkspaceError) as error:
        return [_finding(error.key, **error.values)]
    return []


def _read_log(connection: Connection) -> _Log:
    found = list(stored_entries(connection))
    frontier: tuple[bytes, ...] = ()
    roots = [root(frontier)]
    for size, entry in enumerate(found):
        frontier = push(frontier, size, entry.entry_hash.encode())
        roots.append(root(frontier))
    return _Log(found, [entry for entry in found if entry.computed_hash() == entry.entry_hash], roots)


def _chain_findings(found: list[Entry]) -> Iterator[Finding]:
    previous = FIRST_PREVIOUS
    expected = 1
    for entry in found:
        if entry.seq != expected:
            yield _finding("runlog.entries_missing", first=expected, last=entry.seq - 1)
        elif entry.previous_hash != previous:
            yield _finding("runlog.link_broken", seq=entry.seq)
        if entry.computed_hash() != entry.entry_hash:
            yield _finding("runlog.entry_edited", seq=entry.seq)
        previous, expected = entry.entry_hash, entry.seq + 1


def _head_findings(connection: Connection, log: _Log) -> Iterator[Finding]:
    try:
        found: Head = head(connection)
    except IntegrityError as error:
        yield _finding(error.key, **error.values)
        return
    last = log.entries[-1].entry_hash if log.entries else FIRST_PREVIOUS
    if (found.size, found.entry_hash, found.root) != (len(log.entries), last, log.roots[-1]):
        yield _finding("runlog.head_differs", size=found.size, entries=len(log.entries))


def _row_findings(connection: Connection, table: Table, kinds: Iterable[Kind], sound: list[Entry]) -> Iterator[Finding]:
    names = {kind.value for kind in kinds}
    logged = {entry.subject: entry.content["row_sha256"] for entry in sound if entry.kind in names}
    key = table.primary_key.columns[0].name
    held = {str(row[key]): row_digest(dict(row)) for row in connection.execute(select(table)).mappings()}
    for subject in sorted(logged.keys() | held.keys()):
        if logged.get(subject) != held.get(subject):
            yield _finding("runlog.row_edited", table=table.name, row=subject)


def _checkpoint_findings(workspace: Workspace, log: _Log) -> Iterator[Finding]:
    folder = workspace.path / "checkpoints"
    first = log.entries[0] if log.sound[:1] == log.entries[:1] and log.entries else None
    if first is None or first.kind != Kind.WORKSPACE_CREATED:
        yield _finding("runlog.no_beginning")
        return
    key = str(first.content["verifier_key"])
    stored_key = folder / VERIFIER_KEY_FILE
    if not stored_key.is_file() or stored_key.read_text(encoding="utf-8").strip() != key:
        yield _finding("runlog.verifier_key_replaced", file=VERIFIER_KEY_FILE)
    notes = sorted(folder.glob("*.txt"))
    if not notes:
        yield _finding("runlog.no_checkpoints")
    for path in notes:
        checkpoint = parse_note(path.read_text(encoding="utf-8", errors="replace"), key)
        if checkpoint is None or checkpoint.origin != first.subject:
            yield _finding("runlog.checkpoint_not_genuine", file=path.name)
        else:
            yield from compare(checkpoint, log.roots, path.name)


def compare(checkpoint: Checkpoint, roots: list[bytes], file: str) -> Iterator[Finding]:
    """What a genuine checkpoint says against a log whose Merkle roots at size 0, 1, 2 … are `roots`."""
    if checkpoint.size >= len(roots):
        yield _finding("runlog.truncated", file=file, size=checkpoint.size, entries=len(roots) - 1)
    elif roots[checkpoint.size] != checkpoint.root:
        yield _finding("runlog.rewritten", file=file, size=checkpoint.size)


def _runs_findings(workspace: Workspace, sound: list[Entry], run_id: str | None) -> Iterator[Finding]:
    published = {entry.subject: entry for entry in sound if entry.kind == Kind.RUN_PUBLISHED}
    disposed = {entry.subject for entry in sound if entry.kind == Kind.DISPOSAL}
    if run_id is not None:
        if run_id not in published:
            raise WorkspaceError("workspace.run_absent", run=run_id)
        yield from _run_findings(workspace, published[run_id])
        return
    for subject in sorted(published.keys() - disposed):
        yield from _run_findings(workspace, published[subject])
    for path in sorted((workspace.path / "runs").iterdir()):
        if path.name not in published:
            yield _finding("runlog.run_without_entry", run=path.name)


def _run_findings(workspace: Workspace, entry: Entry) -> Iterator[Finding]:
    run_id = entry.subject
    folder = workspace.run_folder(run_id)
    if not folder.is_dir():
        yield _finding("runlog.run_missing", run=run_id)
        return
    manifest = Manifest.model_validate_json(canonical_json(entry.content["manifest"]))
    expected = {output.file: output.sha256 for output in manifest.outputs}
    expected[MANIFEST_FILE] = entry.content["manifest_sha256"]
    wrapped = {f"{KEYS_FOLDER}/{data_class}.json" for data_class in DataClass}
    held = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    for name in sorted((expected.keys() | wrapped) - held):
        yield _finding("runlog.file_missing", run=run_id, file=name)
    for name in sorted(held - expected.keys() - wrapped):
        yield _finding("runlog.file_added", run=run_id, file=name)
    for name in sorted(held & expected.keys()):
        if sha256_file(folder / name) != expected[name]:
            yield _finding("runlog.file_replaced", run=run_id, file=name)
    keys = RunKeys(workspace.custody, run_id, folder / KEYS_FOLDER)
    for data_class in DataClass:
        if f"{KEYS_FOLDER}/{data_class}.json" in held:
            yield from _key_findings(keys, data_class)


def _key_findings(keys: RunKeys, data_class: DataClass) -> Iterator[Finding]:
    try:
        keys.check(data_class)
    except MimamoriError as error:
        yield _finding(error.key, **error.values)
