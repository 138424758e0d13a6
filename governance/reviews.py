"""Decisions of reviewers: whether two records are of one child, kept, bound to the log, undone, given to linkage.

A decision names two records by source, local number and date, not profiles or person ids, so that it holds in every
later run. The sources' own numbers and the reasons are of the class of identities: they are sealed in the row, and the
log entry, which carries the digest of the row, commits to them without telling them. Where the settings ask for a
second reviewer, a verdict binds once another active account has given the same one.
"""

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import polars as pl
from sqlalchemy import Connection

from governance import access, tables, views
from governance.accounts import active_account, require_account
from governance.digest import canonical_json
from governance.records import Row, change, find_row, trusted_row, trusted_rows
from governance.review_state import BINDING, MAY_REVIEW, TRANSITIONS, ReviewState, ReviewStep, Verdict
from governance.runlog import Kind, append, entries
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError
from vocabulary.frames import DECISIONS

STEP_KIND = {
    ReviewStep.CONFIRM: Kind.REVIEW_CONFIRMED,
    ReviewStep.DISPUTE: Kind.REVIEW_DISPUTED,
    ReviewStep.UNDO: Kind.REVIEW_UNDONE,
}
"""The entry that each step leaves in the log."""

KINDS = (Kind.REVIEW_DECIDED, *STEP_KIND.values())

RecordKey = tuple[str, str, date]
"""Source, local number and reference date of a record."""


@dataclass(frozen=True)
class Review:
    """A decision as it stands. `left` < `right`; reasons and records are of the class of identities."""

    id: str
    state: ReviewState
    verdict: Verdict
    run: str
    left: RecordKey
    right: RecordKey
    reason: str
    decided_by: str
    decided_at: str
    second_by: str | None
    second_verdict: Verdict | None
    second_reason: str | None
    undone_by: str | None
    undone_reason: str | None

    @property
    def stands(self) -> bool:
        """Whether the two records are not asked about again."""
        return self.state is not ReviewState.UNDONE

    @property
    def binds(self) -> bool:
        """Whether later runs keep to it."""
        return self.state is ReviewState.CONFIRMED and self.verdict in BINDING


def decide(
    workspace: Workspace,
    *,
    run_id: str,
    left: RecordKey,
    right: RecordKey,
    verdict: Verdict,
    reason: str,
    actor: str,
) -> Review:
    """Record a verdict on two records, or the second reviewer's on what another proposed.

    Parameters
    ----------
    workspace
        An open workspace.
    run_id
        In which the two were looked at.
    left, right
        Two different records, in any order.
    verdict, reason
        The reason is not blank.
    actor
        Who decides, as authenticated by the caller.

    Raises
    ------
    WorkspaceError
        The reason is blank, `actor` may not review, the two are decided already, or `actor` proposed it.
    """
    if not reason.strip():
        raise WorkspaceError("review.reason_blank")
    left, right = sorted((left, right))
    with workspace.writing() as connection:
        require_reviewer(connection, actor)
        standing = [
            one for one in _reviews(workspace, connection) if one.stands and (one.left, one.right) == (left, right)
        ]
        if not standing:
            row = _new_row(workspace, connection, run_id, (left, right), verdict, reason.strip(), actor)
            _change(connection, row, Kind.REVIEW_DECIDED, actor)
        else:
            row, step = _second_opinion(workspace, connection, standing[0], verdict, reason.strip(), actor)
            _change(connection, row, STEP_KIND[step], actor)
    return _review(workspace, row)


def undo(workspace: Workspace, review_id: str, *, reason: str, actor: str) -> Review:
    """Take a decision back, for good: the next run decides by the evidence alone, and the pair may be asked again.

    Raises
    ------
    WorkspaceError
        There is no such decision, it is undone already, the reason is blank, or `actor` may not review.
    """
    if not reason.strip():
        raise WorkspaceError("review.reason_blank")
    with workspace.writing() as connection:
        require_reviewer(connection, actor)
        row = trusted_row(connection, tables.reviews, KINDS, review_id)
        if row is None:
            raise WorkspaceError("review.absent", id=review_id)
        row["state"] = _after(row, ReviewStep.UNDO)
        row |= {"undone_by": actor, "undone_reason": _sealed(workspace, row, "undone_reason", reason.strip())}
        _change(connection, row, Kind.REVIEW_UNDONE, actor)
    return _review(workspace, row)


def list_reviews(workspace: Workspace) -> list[Review]:
    """Every decision, in the order in which they were made.

    Raises
    ------
    IntegrityError
        A row was edited, added or removed outside the system.
    """
    with workspace.reading() as connection:
        return _reviews(workspace, connection)


def decisions(workspace: Workspace) -> pl.DataFrame:
    """What linkage keeps to now: schema `vocabulary.frames.DECISIONS`, one row a binding decision.

    Left out are proposals that wait for a second reviewer, disputed and undone ones, and "cannot say". Errors as of
    `list_reviews`.
    """
    rows = [(*one.left, *one.right, one.verdict.value) for one in list_reviews(workspace) if one.binds]
    return pl.DataFrame(rows, schema=DECISIONS, orient="row")


def log_view(
    workspace: Workspace,
    *,
    run_id: str,
    actor: str,
    person_ids: Collection[str] = (),
    page: str = "review",
    body: Mapping[str, object] | None = None,
) -> None:
    """Log that `actor` is about to be shown records of these children; show them only after this has returned.

    Raises
    ------
    WorkspaceError
        `actor` may not review, or the log cannot be written.
    """
    with workspace.reading() as connection:
        require_reviewer(connection, actor)
    views.log_view(workspace, access.actor(workspace, actor), page, run_id=run_id, person_ids=person_ids, body=body)


def log_sample(workspace: Workspace, *, run_id: str, body: Mapping[str, object], actor: str) -> None:
    """Log how a sample was drawn, before anything of it is decided. Errors as of `log_view`."""
    with workspace.writing() as connection:
        require_reviewer(connection, actor)
        append(connection, actor=actor, kind=Kind.REVIEW_SAMPLED, subject=run_id, body=body)


def last_sample(workspace: Workspace, run_id: str) -> dict[str, object] | None:
    """What was logged of the sample drawn last from a run; None where there is none."""
    with workspace.reading() as connection:
        drawn = entries(connection, kinds=[Kind.REVIEW_SAMPLED], subject=run_id)
    return drawn[-1].content if drawn else None


def require_reviewer(connection: Connection, actor: str) -> None:
    """Refuse an actor who may not review; without active accounts, the user of the operating system may.

    Raises
    ------
    WorkspaceError
        There is an active account and `actor` is none, or has another role.
    """
    require_account(connection, actor)
    account = active_account(connection, actor)
    if account is not None and account.role not in MAY_REVIEW:
        raise WorkspaceError("review.role", actor=actor, roles=", ".join(MAY_REVIEW))


def _new_row(
    workspace: Workspace,
    connection: Connection,
    run_id: str,
    records: tuple[RecordKey, RecordKey],
    verdict: Verdict,
    reason: str,
    actor: str,
) -> Row:
    waits = workspace.settings.second_reviewer and verdict in BINDING
    row: Row = {
        "id": _unused_id(connection),
        "state": (ReviewState.PROPOSED if waits else ReviewState.CONFIRMED).value,
        "verdict": verdict.value,
        "run": run_id,
        "decided_by": actor,
        "decided_at": datetime.now(UTC).isoformat(timespec="seconds"),
        **dict.fromkeys(("second_by", "second_verdict", "second_reason", "undone_by", "undone_reason")),
    }
    row["content"] = _sealed(workspace, row, "content", {"records": records, "reason": reason})
    return row


def _second_opinion(
    workspace: Workspace, connection: Connection, standing: Review, verdict: Verdict, reason: str, actor: str
) -> tuple[Row, ReviewStep]:
    """The row of a proposal after another person's verdict, and the step that it was."""
    if standing.state is not ReviewState.PROPOSED:
        raise WorkspaceError("review.decided_already", id=standing.id)
    if actor == standing.decided_by:
        raise WorkspaceError("review.own_decision", id=standing.id, actor=actor)
    if active_account(connection, actor) is None:
        raise WorkspaceError("review.not_an_account", id=standing.id, actor=actor)
    step = ReviewStep.CONFIRM if verdict is standing.verdict else ReviewStep.DISPUTE
    row = find_row(connection, tables.reviews, standing.id) or {}
    row["state"] = _after(row, step)
    row |= {"second_by": actor, "second_verdict": verdict.value}
    row["second_reason"] = _sealed(workspace, row, "second_reason", reason)
    return row, step


def _unused_id(connection: Connection) -> str:
    while True:
        review_id = secrets.token_hex(4)
        if trusted_row(connection, tables.reviews, KINDS, review_id) is None:
            return review_id


def _after(row: Row, step: ReviewStep) -> str:
    after = TRANSITIONS[ReviewState(str(row["state"])), step]
    if after is None:
        raise WorkspaceError("review.step_not_allowed", id=row["id"], state=row["state"], step=step.value)
    return after.value


def _change(connection: Connection, row: Row, kind: Kind, actor: str) -> None:
    body = {"state": row["state"], "verdict": row["verdict"], "run": row["run"]}
    change(connection, tables.reviews, row, actor=actor, kind=kind, body=body)


def _reviews(workspace: Workspace, connection: Connection) -> list[Review]:
    return [_review(workspace, row) for row in trusted_rows(connection, tables.reviews, KINDS)]


def _sealed(workspace: Workspace, row: Row, column: str, value: object) -> str:
    return workspace.custody.seal(f"review/{row['id']}/{column}", canonical_json(value))


def _opened(workspace: Workspace, row: Row, column: str) -> object:
    return json.loads(workspace.custody.unseal(f"review/{row['id']}/{column}", str(row[column])))


def _review(workspace: Workspace, row: Row) -> Review:
    content = _opened(workspace, row, "content")
    if not isinstance(content, dict):
        raise TypeError("the content of a review is an object")
    left, right = ((source, local_id, date.fromisoformat(day)) for source, local_id, day in content["records"])

    def text_of(column: str) -> str | None:
        return None if row[column] is None else str(row[column])

    def reason_of(column: str) -> str | None:
        return None if row[column] is None else str(_opened(workspace, row, column))

    return Review(
        id=str(row["id"]),
        state=ReviewState(str(row["state"])),
        verdict=Verdict(str(row["verdict"])),
        run=str(row["run"]),
        left=left,
        right=right,
        reason=content["reason"],
        decided_by=str(row["decided_by"]),
        decided_at=str(row["decided_at"]),
        second_by=text_of("second_by"),
        second_verdict=None if row["second_verdict"] is None else Verdict(str(row["second_verdict"])),
        second_reason=reason_of("second_reason"),
        undone_by=text_of("undone_by"),
        undone_reason=reason_of("undone_reason"),
    )
