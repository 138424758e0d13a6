"""A witness's countersignature: that they saw a checkpoint, when, and that the log had only grown since the last one.

Done on the witness's own machine, with their own key and without a workspace. Cosignatures are those of C2SP
tlog-cosignature. What the city hall sends has the form of `add-checkpoint` in C2SP tlog-witness: the size of the
checkpoint that the witness signed before, the hashes that prove the new one to extend it, and the new one.
"""

from dataclasses import dataclass

from governance.checkpoint import Checkpoint, Signing, genuine_checkpoint
from governance.note import VerifierKey, canonical_base64, cosign, parse_note
from governance.proofs import extends
from vocabulary.errors import IntegrityError, UsageError

OLD = "old "


@dataclass(frozen=True)
class Countersigned:
    """The note with the witness's line under it, what it says, and whose line it is."""

    note: str
    checkpoint: Checkpoint
    witness: VerifierKey


def countersign(request: str, *, log_key: Signing, seen: str | None, witness_key: str, at: int) -> Countersigned:
    """Cosign a checkpoint, if the log only grew since the checkpoint that was seen before.

    Parameters
    ----------
    request
        What the city hall sends: a checkpoint, or one with a proof before it.
    log_key
        Public key of the log as the witness was once given it, or keys that were introduced one by the other.
    seen
        The checkpoint that the witness signed last; None the first time.
    witness_key
        Content of the witness's key file.
    at
        The time, in POSIX seconds.

    Raises
    ------
    IntegrityError
        A checkpoint is not signed by the log, or the new one is not proven to extend the one seen.
    UsageError
        The witness's key is none.
    """
    size, proof, note = _parted(request)
    checkpoint = genuine_checkpoint(note, log_key)
    parsed = parse_note(note)
    if checkpoint is None or parsed is None:
        raise IntegrityError("log.not_genuine")
    if seen is not None:
        before = genuine_checkpoint(seen, log_key)
        if before is None:
            raise IntegrityError("log.not_genuine")
        if size != before.size:
            raise IntegrityError("log.other_request", size=before.size)
        if not extends(before.root, before.size, checkpoint.root, checkpoint.size, proof):
            raise IntegrityError("log.not_consistent", size=before.size)
    made = cosign(parsed, witness_key, at)
    if made is None:
        raise UsageError("log.no_witness_key")
    line, witness = made
    return Countersigned(note.removesuffix("\n") + f"\n{line}", checkpoint, witness)


def _parted(request: str) -> tuple[int | None, list[bytes], str]:
    """Size of the checkpoint seen, proof and note of a request; a note alone has neither of the first two."""
    if not request.startswith(OLD):
        return None, [], request
    head, _, note = request.partition("\n\n")
    size, *hashes = head.removeprefix(OLD).split("\n")
    try:
        return int(size), list(map(canonical_base64, hashes)), note
    except ValueError:
        raise IntegrityError("log.not_genuine") from None
