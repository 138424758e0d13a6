"""Emergency access: a child whom a worker has no case of, for a limited time, with a reason, told at once, reviewed.

A grant ends by the machine's clock, never later than `LONGEST` after it was given. It is bound to the log, and data
owners and the council are alerted in the same transaction. Somebody other than its user says afterwards whether it was
justified; one that is found not to be ends at once.
"""

import secrets
from datetime import UTC, datetime, timedelta

from governance import access, tables
from governance.access import Actor
from governance.actions import Action
from governance.alerts import AlertKind, raise_alert
from governance.grants import Grant, GrantState, grant, grant_row, sealed
from governance.records import Row, change
from governance.runlog import Kind
from governance.workspace import Workspace
from vocabulary.errors import UsageError, WorkspaceError

LONGEST = timedelta(minutes=240)

TRANSITIONS: dict[tuple[GrantState, GrantState], GrantState | None] = {
    (before, verdict): verdict if before is GrantState.GRANTED and verdict is not GrantState.GRANTED else None
    for before in GrantState
    for verdict in GrantState
}
"""State after a verdict in each state; None where it is none or one was given: a review is for good."""


def use(workspace: Workspace, person_id: str, *, reason: str, minutes: int, actor: Actor) -> Grant:
    """Reach one child for some minutes.

    Parameters
    ----------
    workspace
        An open workspace.
    person_id
        Pseudonymous id of the child.
    reason
        Why it cannot wait; sealed as identities are.
    minutes
        1 to 240.
    actor
        The account, from `governance.access.actor`.

    Raises
    ------
    RefusalError
        The role of `actor` has no emergency access; the refusal is logged.
    UsageError
        The time is too long or none.
    WorkspaceError
        The reason is blank, or the log cannot be written.
    """
    access.require(workspace, actor, Action.BREAK_GLASS)
    if not timedelta(0) < timedelta(minutes=minutes) <= LONGEST:
        raise UsageError("access.minutes", longest=LONGEST // timedelta(minutes=1))
    if not reason.strip():
        raise WorkspaceError("access.reason_blank")
    now = datetime.now(UTC)
    row: Row = dict.fromkeys(tables.grants.columns.keys())
    row |= {
        "id": secrets.token_hex(4),
        "state": GrantState.GRANTED.value,
        "account": actor.name,
        "granted_at": now.isoformat(timespec="seconds"),
        "until": (now + timedelta(minutes=minutes)).isoformat(timespec="seconds"),
    }
    row["content"] = sealed(workspace, row, person_id, reason.strip(), None)
    with workspace.writing() as connection:
        body = {"state": row["state"], "until": row["until"], "minutes": minutes}
        change(connection, tables.grants, row, actor=actor.name, kind=Kind.BREAK_GLASS, body=body)
        raise_alert(connection, AlertKind.BREAK_GLASS, str(row["id"]), actor=actor.name)
    return grant(workspace, row)


def review(workspace: Workspace, grant_id: str, verdict: GrantState, *, reason: str, actor: Actor) -> Grant:
    """Say whether an emergency access was justified; for good.

    Raises
    ------
    RefusalError
        The role of `actor` does not review emergency access; the refusal is logged.
    WorkspaceError
        There is no such grant, it was reviewed already, `actor` used it, or the reason is blank.
    """
    access.require(workspace, actor, Action.REVIEW_BREAK_GLASS)
    if not reason.strip():
        raise WorkspaceError("access.reason_blank")
    with workspace.writing() as connection:
        row = grant_row(connection, grant_id)
        if row is None:
            raise WorkspaceError("access.grant_absent", id=grant_id)
        if row["account"] == actor.name:
            raise WorkspaceError("access.own_grant", id=grant_id, actor=actor.name)
        before = grant(workspace, row)
        after = TRANSITIONS[before.state, verdict]
        if after is None:
            raise WorkspaceError("access.reviewed_already", id=grant_id, state=before.state.value)
        row |= {
            "state": after.value,
            "reviewed_by": actor.name,
            "reviewed_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "content": sealed(workspace, row, before.person_id, before.reason, reason.strip()),
        }
        body = {"state": row["state"]}
        change(connection, tables.grants, row, actor=actor.name, kind=Kind.BREAK_GLASS, body=body)
    return grant(workspace, row)
