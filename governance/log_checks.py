"""Checks of the run log and cosignatures under its checkpoints, each told by an entry of the log itself.

So everybody sees when the log was last verified, by whom and what was found, and which witnesses saw how much of it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from governance.checkpoint import stated
from governance.kept import kept_findings
from governance.note import VerifierKey, cosigned_at, parse_verifier_key
from governance.proof import Finding, read_log
from governance.runlog import Kind, entries, last_entry
from governance.verify import Verification, verify
from governance.workspace import Workspace
from vocabulary.errors import IntegrityError, UsageError

FINDINGS_TOLD = 100
"""Findings that an entry tells; it states the number of all."""

SUBJECT = "run-log"


@dataclass(frozen=True)
class Check:
    """A verification that was made."""

    at: str
    by: str
    entries: int
    runs: int
    seconds: float
    count: int  # of findings
    findings: tuple[str, ...]  # in words of the language of whoever verified
    seq: int | None  # of the entry that tells of it; None where the log could not take one


@dataclass(frozen=True)
class Countersignature:
    """A witness's line under a checkpoint."""

    witness: str
    size: int
    seen_at: str  # when the witness saw it, by the witness's clock
    recorded_at: str
    recorded_by: str
    line: str


def check(workspace: Workspace, *, actor: str, begin: Callable[[str, int, int], None]) -> Check:
    """Verify everything (`governance.verify`), and log that it was done and what was found.

    Parameters
    ----------
    workspace
        An open workspace.
    actor
        Who asked.
    begin
        Told of each part that is begun: its name, and how many of how many of it are done.
    """
    started = time.monotonic()
    found = verify(workspace, begin=begin)
    seconds = round(time.monotonic() - started, 1)
    told = tuple(map(str, found.findings[:FINDINGS_TOLD]))
    body: dict[str, object] = {"entries": found.entries, "runs": found.runs, "seconds": seconds}
    body |= {"count": len(found.findings), "findings": list(told)}
    try:
        entry = workspace.log(actor=actor, kind=Kind.LOG_VERIFIED, subject=SUBJECT, body=body)
    except IntegrityError:  # a log whose end is damaged takes no entry; what was found is told all the same
        return _check(found, datetime.now(UTC).isoformat(timespec="microseconds"), actor, seconds, told, None)
    return _check(found, entry.at, actor, seconds, told, entry.seq)


def _check(found: Verification, at: str, by: str, seconds: float, told: tuple[str, ...], seq: int | None) -> Check:
    return Check(at, by, found.entries, found.runs, seconds, len(found.findings), told, seq)


def last_check(workspace: Workspace) -> Check | None:
    """The last verification of which the log tells; None where it tells of none."""
    with workspace.reading() as connection:
        entry = last_entry(connection, kind=Kind.LOG_VERIFIED)
    if entry is None:
        return None
    told = entry.content
    figures = (told["entries"], told["runs"], told["seconds"], told["count"])
    return Check(entry.at, entry.actor, *figures, tuple(told["findings"]), entry.seq)


def held_against(workspace: Workspace, kept: Mapping[str, str], witnesses: Sequence[VerifierKey]) -> list[Finding]:
    """What checkpoints that were kept outside say against the log; nothing where they fit. Nothing is changed."""
    with workspace.reading() as connection:
        return kept_findings(read_log(connection), kept, witnesses)


def record_countersignature(workspace: Workspace, note: str, witness_key: str, *, actor: str) -> Countersignature:
    """Keep a witness's cosignature in the log, after it was checked.

    Parameters
    ----------
    workspace
        An open workspace.
    note
        The checkpoint as the witness gave it back.
    witness_key
        The witness's public key, `name+id+key`.
    actor
        Who records it.

    Raises
    ------
    UsageError
        The key is none.
    IntegrityError
        The checkpoint is not genuine, does not fit the log, or is not cosigned by that witness.
    """
    witness = parse_verifier_key(witness_key)
    if witness is None:
        raise UsageError("overseeing.no_witness_key")
    found = stated(note)
    at = None if found is None else cosigned_at(found[0], witness)
    if found is None or at is None:
        raise IntegrityError("overseeing.not_cosigned")
    against = held_against(workspace, {SUBJECT: note}, [witness])
    if against:
        raise IntegrityError(against[0].key, **dict(against[0].values))
    line = next(one for one in note.splitlines() if one.startswith(f"— {witness.name} "))
    seen = datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
    body: dict[str, object] = {
        "witness": witness.name,
        "key": str(witness),
        "size": found[1].size,
        "root": found[1].root.hex(),
    }
    body |= {"seen_at": seen, "line": line}
    entry = workspace.log(actor=actor, kind=Kind.LOG_COUNTERSIGNED, subject=SUBJECT, body=body)
    return Countersignature(witness.name, found[1].size, seen, entry.at, actor, line)


def countersignatures(workspace: Workspace) -> list[Countersignature]:
    """Cosignatures that were recorded, the newest first."""
    with workspace.reading() as connection:
        found = entries(connection, kinds=[Kind.LOG_COUNTERSIGNED])
    told = [(entry, entry.content) for entry in reversed(found)]
    return [
        Countersignature(one["witness"], one["size"], one["seen_at"], entry.at, entry.actor, one["line"])
        for entry, one in told
    ]
