"""Proof that the run log is what was written: every hash, every link, the head, and every signed checkpoint."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from governance.checkpoint import Checkpoint, is_genuine, notes, stated
from governance.log_key import LogKeys, keys_of
from governance.merkle import leaf_hash, push, root
from governance.runlog import FIRST_PREVIOUS, Entry, head, is_time, stored_entries
from governance.workspace import VERIFIER_KEY_FILE, Workspace
from vocabulary.errors import IntegrityError
from vocabulary.texts import text

CLOCKS_DIFFER = timedelta(minutes=5)
"""By how much the clocks of two machines, or of one machine before and after it was set, may differ."""

SIGNATURES_VERIFIED = 10_000
"""Of so many of the newest checkpoints; of an older one only if it does not fit, to tell a forged one from a log that
was rewritten. What an older one that fits says, each newer one says too, and verifying takes 0.1 ms a signature."""


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was written."""

    key: str
    values: tuple[tuple[str, Any], ...]

    def __str__(self) -> str:
        return text(self.key, **dict(self.values))


def finding(key: str, **values: object) -> Finding:
    """The finding whose text is `key`, filled by `values`."""
    return Finding(key, tuple(values.items()))


@dataclass(frozen=True)
class Log:
    """The log as it stands: its entries, the sound ones among them, and the Merkle roots at size 0, 1, 2 and so on."""

    entries: list[Entry]
    sound: list[Entry]
    roots: list[bytes]

    def keys(self) -> LogKeys | None:
        """Origin and public keys of the checkpoints, as the entries tell; None where the first was altered."""
        return keys_of(self.sound)[0]


def read_log(connection: Connection) -> Log:
    """Every entry of the log, unchecked."""
    found = list(stored_entries(connection))
    frontier: tuple[bytes, ...] = ()
    roots = [root(frontier)]
    for size, entry in enumerate(found):
        frontier = push(frontier, size, _stored_hash(entry))
        roots.append(root(frontier))
    return Log(found, [entry for entry in found if entry.is_sound()], roots)


def _stored_hash(entry: Entry) -> bytes:
    """The hash that stands with an entry; where somebody wrote no hash there, one that fits no checkpoint."""
    try:
        return bytes.fromhex(entry.entry_hash)
    except ValueError:
        return leaf_hash(entry.entry_hash.encode())


def log_findings(workspace: Workspace, connection: Connection, log: Log) -> list[Finding]:
    """What is wrong with the log by itself, by its head, and by the checkpoints of the workspace."""
    return [
        *_chain_findings(log),
        *_head_findings(connection, log),
        *_checkpoint_findings(workspace.path / "checkpoints", log),
    ]


def _chain_findings(log: Log) -> Iterator[Finding]:
    sound = {entry.seq for entry in log.sound}
    previous, before = FIRST_PREVIOUS, ""
    expected = 1
    for entry in log.entries:
        if entry.seq != expected:
            yield finding("runlog.entries_missing", first=expected, last=entry.seq - 1)
        elif entry.previous_hash != previous:
            yield finding("runlog.link_broken", seq=entry.seq)
        if entry.seq not in sound:
            yield finding("runlog.entry_edited", seq=entry.seq)
        elif not is_time(entry.at) or entry.at < before:
            yield finding("runlog.time_goes_back", seq=entry.seq)
        else:
            before = entry.at
        previous, expected = entry.entry_hash, entry.seq + 1
    limit = (datetime.now(UTC) + CLOCKS_DIFFER).isoformat(timespec="microseconds")
    for entry in log.sound:
        if entry.at > limit:
            yield finding("runlog.dated_ahead", seq=entry.seq)


def _head_findings(connection: Connection, log: Log) -> Iterator[Finding]:
    try:
        found = head(connection)
    except IntegrityError as error:
        yield finding(error.key, **error.values)
        return
    last = log.entries[-1].entry_hash if log.entries else FIRST_PREVIOUS
    if (found.size, found.entry_hash, found.root) != (len(log.entries), last, log.roots[-1]):
        yield finding("runlog.head_differs", size=found.size, entries=len(log.entries))


def _checkpoint_findings(folder: Path, log: Log) -> Iterator[Finding]:
    keys, refused = keys_of(log.sound)
    if keys is None:
        yield finding("runlog.no_beginning")
        return
    for seq in refused:
        yield finding("runlog.key_not_introduced", seq=seq)
    if not keys.is_told_by(_text_of(folder / VERIFIER_KEY_FILE)):
        yield finding("runlog.verifier_key_replaced", file=f"{folder.name}/{VERIFIER_KEY_FILE}")
    covered: set[int] = set()
    for name, note in notes(folder, len(log.entries)):
        found = stated(note)
        if found is None or not (_is_vouched_for(found[1], keys, log.roots) or is_genuine(*found, keys)):
            yield finding("runlog.checkpoint_not_genuine", file=f"{folder.name}/{name}")
        else:
            covered.add(found[1].size)
            yield from compare(found[1], log.roots, f"{folder.name}/{name}")
    yield from _gaps(covered, len(log.entries))


def _is_vouched_for(checkpoint: Checkpoint, keys: LogKeys, roots: list[bytes]) -> bool:
    """Whether a checkpoint says no more than newer ones, whose signatures are verified: it is old, and it fits."""
    old = checkpoint.size < len(roots) - SIGNATURES_VERIFIED
    return old and checkpoint.origin == keys.name and roots[checkpoint.size] == checkpoint.root


def _gaps(covered: set[int], entries: int) -> Iterator[Finding]:
    """Runs of entries without a checkpoint: each got one before it was committed, so these were removed."""
    missing = [size for size in range(1, entries + 1) if size not in covered]
    for _, group in groupby(enumerate(missing), key=lambda placed: placed[1] - placed[0]):
        sizes = [size for _, size in group]
        yield finding("runlog.checkpoints_missing", first=sizes[0], last=sizes[-1])


def compare(checkpoint: Checkpoint, roots: list[bytes], file: str) -> Iterator[Finding]:
    """What a genuine checkpoint says against a log whose Merkle roots at size 0, 1, 2 … are `roots`."""
    if checkpoint.size >= len(roots):
        yield finding("runlog.truncated", file=file, size=checkpoint.size, entries=len(roots) - 1)
    elif roots[checkpoint.size] != checkpoint.root:
        yield finding("runlog.rewritten", file=file, size=checkpoint.size)


def _text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
