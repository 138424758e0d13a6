"""What everybody may know of what was done: the runs with their purposes, how often what was done, and the checkpoint.

Nobody of the staff is named, and nothing is said of a child: counts of children, of their records, and of entries that
are each of one child are given as statistics are (`governance.disclosure.told`). It is quick to make, so that it can be
shown without a sign-in: the log is not verified anew, but when that was done last, and what was found, is said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from governance import runlog
from governance.checkpoint import genuine_checkpoint, note_of
from governance.disclosure import told
from governance.log_checks import last_check
from governance.log_key import read_keys
from governance.log_pages import counts_by_kind
from governance.manifest import Manifest
from governance.register import list_approvals
from governance.runlog import Kind
from governance.runs import PublishedRun, list_runs
from governance.workspace import Workspace
from vocabulary.errors import IntegrityError

FIGURES = {
    "accepted": ("delivery", "accepted"),
    "set_aside": ("delivery", "set_aside"),
    "children": ("link", "persons"),
    "flags": ("flags", "shown"),
    "held": ("flags", "held"),
}
"""What is told of a run, and where its manifest has it: stage and count."""

OF_THE_CITY = frozenset(
    {
        Kind.WORKSPACE_CREATED,
        Kind.APPROVAL_ADDED,
        Kind.APPROVAL_CONFIRMED,
        Kind.APPROVAL_COUNTERSIGNED,
        Kind.APPROVAL_SUPERSEDED,
        Kind.APPROVAL_REVOKED,
        Kind.DATA_OWNER_SET,
        Kind.REFUSAL,
        Kind.RUN_STARTED,
        Kind.RUN_PUBLISHED,
        Kind.RUN_FAILED,
        Kind.RUN_REPLAYED,
        Kind.EXPORT,
        Kind.EVALUATION,
        Kind.RELEASE,
        Kind.HOLD,
        Kind.DISPOSAL,
        Kind.ARCHIVE,
        Kind.BACKUP,
        Kind.ROTATION,
        Kind.LOG_VERIFIED,
        Kind.LOG_COUNTERSIGNED,
        Kind.SCORECARD_TRAINED,
        Kind.SCORECARD_PROPOSED,
        Kind.SCORECARD_ADOPTED,
        Kind.SCORECARD_RETIRED,
    }
)
"""Kinds of entries that are of no single child, and so are counted exactly; of the others the count is protected."""


@dataclass(frozen=True)
class PublicRun:
    """A run as everybody may know it."""

    run: str
    day: str  # of its publication, in the computer's own time
    approval: str
    title: str
    purpose: str
    counts: Mapping[str, int | None]  # of `FIGURES` that its manifest has: rounded, None below the threshold


@dataclass(frozen=True)
class Checked:
    """A verification of the whole log."""

    at: str
    findings: int


@dataclass(frozen=True)
class PublicPage:
    """The page."""

    runs: Sequence[PublicRun]  # the newest first
    entries: int
    acts: Mapping[str, int]  # entries by kind, of `OF_THE_CITY`
    protected: Mapping[str, int | None]  # entries of the other kinds: rounded, None below the threshold
    checked: Checked | None  # the last verification; None where there was none
    checkpoint: str  # the newest, signed
    key: str  # that it is checked with


def public_page(workspace: Workspace) -> PublicPage:
    """Make the page.

    Raises
    ------
    IntegrityError
        The newest checkpoint is not there, not genuine, or not of the log as it stands.
    """
    with workspace.reading() as connection:
        head = runlog.head(connection)
        key = read_keys(connection)
        counts = counts_by_kind(connection)
    note = note_of(workspace.path / "checkpoints", head.size)
    checkpoint = None if key is None or note is None else genuine_checkpoint(note, key)
    if note is None or checkpoint is None or (checkpoint.size, checkpoint.root) != (head.size, head.root):
        raise IntegrityError("log.unfit")
    found = last_check(workspace)
    approvals = {one.approval.id: one.approval for one in list_approvals(workspace)}
    known = {name: (one.title, one.purpose) for name, one in approvals.items()}
    return PublicPage(
        runs=[_run(one, known) for one in reversed(list_runs(workspace))],
        entries=head.size,
        acts={kind: count for kind, count in counts.items() if kind in OF_THE_CITY},
        protected={kind: told(count) for kind, count in counts.items() if kind not in OF_THE_CITY},
        checked=None if found is None else Checked(found.at, found.count),
        checkpoint=note,
        key=str(key),
    )


def run_figures(manifest: Manifest) -> dict[str, int | None]:
    """The figures of a run that may be told, as many as its manifest has."""
    return {
        name: told(manifest.counts[stage][count])
        for name, (stage, count) in FIGURES.items()
        if count in manifest.counts.get(stage, {})
    }


def _run(one: PublishedRun, known: Mapping[str, tuple[str, str]]) -> PublicRun:
    title, purpose = known.get(one.manifest.approval, ("", ""))
    day = datetime.fromisoformat(one.at).astimezone().date().isoformat()
    return PublicRun(one.run_id, day, one.manifest.approval, title, purpose, run_figures(one.manifest))
