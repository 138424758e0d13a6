"""What of the run log may leave the city hall: its leaves, its signed root, and short proofs about both.

`governance.public_page` has what is told of it to everybody in words. None of it tells who did what: a leaf has an
entry's number, time and kind, and a commitment to the rest. The words of one entry leave only where they are asked for,
together with the salt that lets anybody compare them with the leaf, and that they did is in the log.
`verifier/verify_log.py` checks all of it without this system.
"""

import base64
from dataclasses import dataclass
from pathlib import Path

from governance import runlog
from governance.checkpoint import Checkpoint, genuine_checkpoint, note_of
from governance.log_key import LogKeys, read_keys
from governance.merkle import leaf_hash, tree_root
from governance.proofs import consistency_proof, inclusion_proof
from governance.workspace import VERIFIER_KEY_FILE, Workspace
from vocabulary.errors import IntegrityError, UsageError, WorkspaceError

LEAVES_FILE = "leaves.jsonl"
CHECKPOINT_FILE = "checkpoint.txt"


@dataclass(frozen=True)
class PublicLog:
    """The log as it can be shown: its entries, the signed note over all of them, and the keys that signed."""

    entries: list[runlog.Entry]
    checkpoint: Checkpoint
    note: str
    key: LogKeys

    def leaves(self) -> list[bytes]:
        """The lines that enter the Merkle tree."""
        return [entry.leaf() for entry in self.entries]


def read_public_log(workspace: Workspace) -> PublicLog:
    """The log and its newest checkpoint, which fit each other.

    Raises
    ------
    IntegrityError
        They do not fit each other, or the log's key is not to be had from its first entry.
    """
    with workspace.reading() as connection:
        entries = list(runlog.stored_entries(connection))
        key = read_keys(connection)
    note = note_of(workspace.path / "checkpoints", len(entries))
    checkpoint = None if key is None or note is None else genuine_checkpoint(note, key)
    if key is None or note is None or checkpoint is None or checkpoint.size != len(entries):
        raise IntegrityError("log.unfit")
    log = PublicLog(entries, checkpoint, note, key)
    if tree_root(list(map(leaf_hash, log.leaves()))) != checkpoint.root:
        raise IntegrityError("log.unfit")
    return log


def export_log(log: PublicLog, folder: Path) -> list[Path]:
    """Write the leaves, the newest checkpoint and the public key into `folder`; the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = {
        LEAVES_FILE: b"".join(leaf + b"\n" for leaf in log.leaves()),
        CHECKPOINT_FILE: log.note.encode(),
        VERIFIER_KEY_FILE: f"{log.key}\n".encode(),
    }
    for name, content in written.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in written]


def entry_proof(log: PublicLog, seq: int, *, note: str | None, disclose: bool) -> dict[str, object]:
    """That an entry is in the log as a checkpoint has it.

    Parameters
    ----------
    log
        The log.
    seq
        Number of the entry.
    note
        The checkpoint, signed; the newest where it is None.
    disclose
        Whether to add what the leaf does not show (actor, subject, body) and the salt.

    Returns
    -------
    dict
        `leaf` (the line), `proof` (hashes in base64, from the leaf to the root), `checkpoint` (the note); and, where
        disclosed, `withheld` (JSON as it was bound) and `salt`.

    Raises
    ------
    WorkspaceError
        There is no such entry.
    UsageError
        The checkpoint was signed before the entry was written.
    IntegrityError
        The checkpoint is not genuine, or does not fit the log.
    """
    checkpoint = log.checkpoint if note is None else _fitting(log, note)
    if not 1 <= seq <= len(log.entries):
        raise WorkspaceError("log.no_entry", seq=seq, entries=len(log.entries))
    if seq > checkpoint.size:
        raise UsageError("log.entry_after_checkpoint", seq=seq, size=checkpoint.size)
    entry = log.entries[seq - 1]
    hashes = list(map(leaf_hash, log.leaves()[: checkpoint.size]))
    shown: dict[str, object] = {
        "leaf": entry.leaf().decode(),
        "proof": list(map(_base64, inclusion_proof(hashes, seq - 1))),
        "checkpoint": log.note if note is None else note,
    }
    return shown | ({"withheld": entry.withheld().decode(), "salt": entry.salt} if disclose else {})


def disclose(workspace: Workspace, seq: int, *, note: str | None, actor: str) -> dict[str, object]:
    """What `entry_proof` gives of a disclosed entry, once the log tells who had its words shown. Errors as of it."""
    shown = entry_proof(read_public_log(workspace), seq, note=note, disclose=True)
    workspace.log(actor=actor, kind=runlog.Kind.DISCLOSURE, subject=f"log/{seq}", body={"entry": seq})
    return shown


def witness_request(log: PublicLog, note: str) -> str:
    """The newest checkpoint with a proof that it extends an older one, in the form of C2SP tlog-witness.

    Raises
    ------
    IntegrityError
        The older checkpoint is not genuine, or does not fit the log.
    """
    old = _fitting(log, note)
    proof = consistency_proof(list(map(leaf_hash, log.leaves())), old.size)
    return "".join(f"{line}\n" for line in (f"old {old.size}", *map(_base64, proof), "")) + log.note


def _fitting(log: PublicLog, note: str) -> Checkpoint:
    checkpoint = genuine_checkpoint(note, log.key)
    if checkpoint is None:
        raise IntegrityError("log.not_genuine")
    hashes = list(map(leaf_hash, log.leaves()[: checkpoint.size]))
    if len(hashes) != checkpoint.size or tree_root(hashes) != checkpoint.root:
        raise IntegrityError("log.does_not_fit", size=checkpoint.size)
    return checkpoint


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
