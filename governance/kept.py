"""Checkpoints kept outside the workspace, held against the log as it stands.

Whoever has the workspace and its keys can write the whole log anew so that it fits itself. It then no longer fits a
checkpoint that was signed before and lies with somebody else: with the council, in printed minutes, with a witness
who put a cosignature under it and so says when the log was seen.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import combinations, islice

from governance.checkpoint import Checkpoint, noted, stated
from governance.note import Note, VerifierKey, cosigned_at, is_signed
from governance.proof import CLOCKS_DIFFER, Finding, Log, finding
from governance.runlog import is_time


def kept_findings(log: Log, kept: Mapping[str, str], witnesses: Sequence[VerifierKey]) -> list[Finding]:
    """What kept checkpoints tell against a log.

    Parameters
    ----------
    log
        The log as it stands. That it fits itself is for `governance.proof`.
    kept
        Signed notes by the name of the file they are in; or their three lines alone, as minutes have them. What these
        say is held against the log all the same; only that the log ever said so is then for the minutes to prove.
    witnesses
        Public keys of those who must have cosigned each of them.
    """
    keys = log.keys()
    if keys is None:
        return [finding("runlog.no_beginning")]
    findings: list[Finding] = []
    genuine: dict[str, Checkpoint] = {}
    for file, written in kept.items():
        found = stated(written) or noted(written)
        if found is None:
            findings.append(finding("runlog.kept_not_genuine", file=file))
            continue
        note, checkpoint = found
        if checkpoint.origin != keys.name:
            findings.append(finding("runlog.kept_of_another_log", file=file, origin=checkpoint.origin, here=keys.name))
        elif note.signatures and not is_signed(note, keys.at(checkpoint.size)):
            findings.append(finding("runlog.kept_not_genuine", file=file))
        else:
            genuine[file] = checkpoint
            findings += _comparison(log, checkpoint, file)
            findings += _cosignature_findings(log, checkpoint, note, file, witnesses)
    return findings + list(_splits(genuine))


def _comparison(log: Log, checkpoint: Checkpoint, file: str) -> Iterator[Finding]:
    entries = len(log.entries)
    if checkpoint.size > entries:
        yield finding("runlog.kept_truncated", file=file, size=checkpoint.size, entries=entries)
    elif log.roots[checkpoint.size] != checkpoint.root:
        yield finding("runlog.kept_rewritten", file=file, size=checkpoint.size)


def _cosignature_findings(
    log: Log, checkpoint: Checkpoint, note: Note, file: str, witnesses: Sequence[VerifierKey]
) -> Iterator[Finding]:
    for witness in witnesses:
        at = cosigned_at(note, witness)
        if at is None:
            yield finding("runlog.kept_not_cosigned", file=file, witness=witness.name)
            continue
        limit = at + CLOCKS_DIFFER.total_seconds()
        covered = log.entries[: checkpoint.size]
        late = (one for one in covered if is_time(one.at) and datetime.fromisoformat(one.at).timestamp() > limit)
        for entry in islice(late, 1):
            yield finding("runlog.kept_dated_after", file=file, seq=entry.seq, witness=witness.name)


def _splits(genuine: Mapping[str, Checkpoint]) -> Iterator[Finding]:
    """Pairs of genuine checkpoints which contradict each other, whatever the log at hand says."""
    for (file, one), (other_file, other) in combinations(genuine.items(), 2):
        if one.size == other.size and one.root != other.root:
            yield finding("runlog.kept_split", file=file, other=other_file, size=one.size)
