"""Signed statements of how long the run log is and what its root is, kept as files outside the database.

A checkpoint is a C2SP tlog-checkpoint: origin, number of entries, root of the Merkle tree in base64, an empty line, and
the signatures: the log's, and those of witnesses who saw it. Whoever keeps a copy can prove that the log was later cut,
reordered or rewritten.
"""

import base64
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from governance.custody import Custody
from governance.flushing import write_through
from governance.note import Note, VerifierKey, canonical_base64, is_signed, parse_note

ORIGIN = "mimamori/run-log/2"
"""Name and version of the form of the log; raised when what a leaf is changes."""

ROOT_BYTES = 32

DIGITS = 10
"""Of the number of entries in a checkpoint's file name."""

DRAFTS = "drafts"
"""Folder of checkpoints whose entries are not known to be committed: apart, so that looking for those a killed process
left does not cost more the longer the log is."""


@dataclass(frozen=True)
class Checkpoint:
    """The log had `size` entries and the Merkle root `root` (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """The signed lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class Signing(Protocol):
    """Whoever signs a log: one key, or keys that followed one another (`governance.log_key`)."""

    @property
    def name(self) -> str:
        """Of the log."""

    def at(self, size: int) -> VerifierKey:
        """The key that signs a checkpoint of so many entries."""


def signed_note(checkpoint: Checkpoint, custody: Custody, keys: Iterable[VerifierKey] = ()) -> str:
    """The checkpoint signed by these keys of the workspace, or by its only one, as it stands in a file."""
    body = checkpoint.body().encode()
    made = [custody.sign_as(key, body) for key in keys] or [custody.sign(checkpoint.origin, body)]
    lines = "".join(f"— {checkpoint.origin} {base64.b64encode(one).decode()}\n" for one in made)
    return f"{checkpoint.body()}\n{lines}"


def parse_checkpoint(body: str) -> Checkpoint | None:
    """The checkpoint that the text of a note states; None where it states none, or in another spelling."""
    try:
        origin, size, root = body.removesuffix("\n").split("\n")
        checkpoint = Checkpoint(origin, int(size), canonical_base64(root))
    except ValueError:
        return None
    well_formed = checkpoint.body() == body and checkpoint.size >= 0 and len(checkpoint.root) == ROOT_BYTES
    return checkpoint if well_formed else None


def stated(written: str) -> tuple[Note, Checkpoint] | None:
    """A signed note and the checkpoint that it states, its signatures unchecked; None where it is malformed."""
    note = parse_note(written)
    checkpoint = None if note is None else parse_checkpoint(note.body)
    return None if note is None or checkpoint is None else (note, checkpoint)


def noted(written: str) -> tuple[Note, Checkpoint] | None:
    """What `stated` gives, of the three lines alone, as they stand in printed minutes: they bear no signature."""
    body = written.strip("\n") + "\n"
    checkpoint = parse_checkpoint(body)
    return None if checkpoint is None else (Note(body, ()), checkpoint)


def is_genuine(note: Note, checkpoint: Checkpoint, key: Signing) -> bool:
    """Whether a checkpoint is of the log whose key this is, and the owner of the key signed it."""
    return checkpoint.origin == key.name and is_signed(note, key.at(checkpoint.size))


def genuine_checkpoint(written: str, key: Signing) -> Checkpoint | None:
    """The checkpoint that a note states; None where it is malformed or not signed by the owner of the log's key."""
    found = stated(written)
    return found[1] if found is not None and is_genuine(*found, key) else None


def draft_checkpoint(folder: Path, checkpoint: Checkpoint, custody: Custody, keys: Iterable[VerifierKey] = ()) -> Path:
    """Put the signed checkpoint among the drafts of `folder`, which `settle_drafts` makes good."""
    path = folder / DRAFTS / f"{checkpoint.size:0{DIGITS}d}.txt"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    write_through(path, signed_note(checkpoint, custody, keys).encode())
    return path


def make_good(drafts: Iterable[Path]) -> None:
    """Let drafts whose entries are committed stand beside the others; the next transaction may have done so."""
    for draft in drafts:
        checkpoint = draft.parents[1] / draft.name
        with suppress(FileNotFoundError):
            if checkpoint.exists():
                draft.unlink()  # what stands is never replaced
            else:
                draft.replace(checkpoint)


def settle_drafts(folder: Path, size: int) -> None:
    """Settle what a killed process left, under the writer lock, of a log that has `size` entries.

    Drafts of committed entries are made good, those of entries that were never committed are dropped.
    """
    left = list((folder / DRAFTS).glob("*.txt"))
    committed = [draft for draft in left if draft.stem.isdigit() and int(draft.stem) <= size]
    make_good(committed)
    for draft in set(left) - set(committed):
        draft.unlink(missing_ok=True)


def note_of(folder: Path, size: int) -> str | None:
    """Text of the checkpoint of a log of `size` entries, all of them committed; None where it is gone."""
    return _either(folder, f"{size:0{DIGITS}d}.txt")


def notes(folder: Path, size: int) -> Iterator[tuple[str, str]]:
    """Name and text of every checkpoint, drafts of a log of `size` entries among them, in the order of their names."""
    held = {path.name for path in folder.glob("*.txt")}
    drafts = {path.name for path in (folder / DRAFTS).glob("*.txt")}
    for name in sorted(held | {draft for draft in drafts if draft[:DIGITS] <= f"{size:0{DIGITS}d}"}):
        note = _either(folder, name)
        if note is not None:
            yield name, note


def _either(folder: Path, name: str) -> str | None:
    """Text of a checkpoint or its draft, which another process may make good while we look."""
    tried = (_text(path) for path in (folder / name, folder / DRAFTS / name, folder / name))
    return next((note for note in tried if note is not None), None)


def _text(path: Path) -> str | None:
    with suppress(FileNotFoundError, IsADirectoryError):
        return path.read_text(encoding="utf-8", errors="replace")
    return None
