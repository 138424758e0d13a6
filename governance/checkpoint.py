"""Signed statements of how long the run log is and what its root is, kept as files outside the database.

A checkpoint is a C2SP tlog-checkpoint: origin, number of entries, root of the Merkle tree in base64, an empty line, and
the signatures: the log's, and those of witnesses who saw it. Whoever keeps a copy can prove that the log was later cut,
reordered or rewritten.
"""

import base64
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from governance.custody import Custody
from governance.note import VerifierKey, canonical_base64, is_signed, parse_note

ORIGIN = "mimamori/run-log/2"
"""Name and version of the form of the log; raised when what a leaf is changes."""

ROOT_BYTES = 32

DIGITS = 10
"""Of the number of entries in a checkpoint's file name."""

DRAFT = ".draft"
"""Ending of a checkpoint whose entry is not known to be committed."""


@dataclass(frozen=True)
class Checkpoint:
    """The log had `size` entries and the Merkle root `root` (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """The signed lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def signed_note(checkpoint: Checkpoint, custody: Custody) -> str:
    """The checkpoint with the workspace's signature, as it stands in a file."""
    signature = custody.sign(checkpoint.origin, checkpoint.body().encode())
    return f"{checkpoint.body()}\n— {checkpoint.origin} {base64.b64encode(signature).decode()}\n"


def parse_checkpoint(body: str) -> Checkpoint | None:
    """The checkpoint that the text of a note states; None where it states none, or in another spelling."""
    try:
        origin, size, root = body.removesuffix("\n").split("\n")
        checkpoint = Checkpoint(origin, int(size), canonical_base64(root))
    except ValueError:
        return None
    well_formed = checkpoint.body() == body and checkpoint.size >= 0 and len(checkpoint.root) == ROOT_BYTES
    return checkpoint if well_formed else None


def genuine_checkpoint(written: str, key: VerifierKey) -> Checkpoint | None:
    """The checkpoint that a note states; None where it is malformed or not signed by the owner of the log's key."""
    note = parse_note(written)
    if note is None or not is_signed(note, key):
        return None
    checkpoint = parse_checkpoint(note.body)
    return checkpoint if checkpoint is not None and checkpoint.origin == key.name else None


def draft_checkpoint(folder: Path, checkpoint: Checkpoint, custody: Custody) -> Path:
    """Put the signed checkpoint into `folder` under the name of a draft, which `settle_drafts` makes good."""
    path = folder / f"{checkpoint.size:0{DIGITS}d}.txt{DRAFT}"
    with path.open("w", encoding="utf-8") as file:
        file.write(signed_note(checkpoint, custody))
        file.flush()
        os.fsync(file.fileno())
    return path


def make_good(drafts: Iterable[Path]) -> None:
    """Let drafts whose entries are committed stand under their own names; the next transaction may have done so."""
    for draft in drafts:
        checkpoint = draft.with_name(draft.name.removesuffix(DRAFT))
        with suppress(FileNotFoundError):
            if checkpoint.exists():
                draft.unlink()  # what stands is never replaced
            else:
                draft.replace(checkpoint)


def settle_drafts(folder: Path, size: int) -> None:
    """Settle what a killed process left, under the writer lock, of a log that has `size` entries.

    Drafts of committed entries are made good, those of entries that were never committed are dropped.
    """
    left = list(folder.glob(f"*.txt{DRAFT}"))
    committed = [draft for draft in left if draft.name[:DIGITS].isdigit() and int(draft.name[:DIGITS]) <= size]
    make_good(committed)
    for draft in set(left) - set(committed):
        draft.unlink(missing_ok=True)


def notes(folder: Path, size: int) -> Iterator[tuple[str, str]]:
    """Name and text of every checkpoint, drafts of a log of `size` entries among them, in the order of their names."""
    named = {path.name.removesuffix(DRAFT) for path in (*folder.glob("*.txt"), *folder.glob(f"*.txt{DRAFT}"))}
    for name in sorted(named):
        for path in (folder / name, folder / f"{name}{DRAFT}", folder / name):  # made good while we look
            committed = path.suffix != DRAFT or name[:DIGITS] <= f"{size:0{DIGITS}d}"
            if committed and path.is_file():
                with suppress(FileNotFoundError):
                    yield name, path.read_text(encoding="utf-8", errors="replace")
                    break
