"""The register of approvals: what has been asked for, what holds, what was revoked, and by whom.

A workspace in which an account was ever made asks for two persons: one requests, another, whose account is active and
of a role in `MAY_CONFIRM`, confirms. Once an account is active, requests and revocations too are made under one. A
workspace without accounts has one operator; what is added holds at once, and the log says that nobody confirmed it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, select

from governance import store
from governance.account_state import MAY_CONFIRM
from governance.accounts import accounts_in_use, active_account, require_account
from governance.approval import Approval, approval_of, parse_approval
from governance.digest import sha256
from governance.records import Row, change, trusted_row
from governance.runlog import Kind
from governance.workspace import Workspace
from vocabulary.errors import ApprovalError
from vocabulary.source import Source


class State(StrEnum):
    """Where an approval stands."""

    REQUESTED = "requested"  # registered by one person, waiting for a second
    IN_FORCE = "in_force"  # runs may be made under it within its period
    REVOKED = "revoked"  # for good


class Step(StrEnum):
    """What can be done to a registered approval."""

    CONFIRM = "confirm"
    REVOKE = "revoke"


TRANSITIONS: dict[tuple[State, Step], State | None] = {
    (State.REQUESTED, Step.CONFIRM): State.IN_FORCE,
    (State.REQUESTED, Step.REVOKE): State.REVOKED,
    (State.IN_FORCE, Step.CONFIRM): None,
    (State.IN_FORCE, Step.REVOKE): State.REVOKED,
    (State.REVOKED, Step.CONFIRM): None,
    (State.REVOKED, Step.REVOKE): None,
}
"""State after each step in each state; None where the step is not allowed."""

KINDS = (Kind.APPROVAL_ADDED, Kind.APPROVAL_CONFIRMED, Kind.APPROVAL_REVOKED)


@dataclass(frozen=True)
class Registered:
    """An approval as the register holds it."""

    approval: Approval
    state: State
    requested_by: str
    confirmed_by: str | None
    reason: str | None
    text: str
    sha256: str  # of the text


def add(workspace: Workspace, toml: str, *, file: str, sources: Mapping[str, Source], actor: str) -> Registered:
    """Register an approval file.

    Parameters
    ----------
    workspace
        An open workspace.
    toml, file, sources
        As `parse_approval` takes them.
    actor
        Who registers it, as authenticated by the caller.

    Raises
    ------
    ApprovalError
        The file is not well formed, or its id is registered already.
    WorkspaceError
        `actor` has to be an active account.
    """
    approval = parse_approval(toml, file=file, sources=sources)
    with workspace.writing() as connection:
        require_account(connection, actor)
        if trusted_row(connection, store.approvals, KINDS, approval.id) is not None:
            raise ApprovalError("approval.id_taken", file=file, id=approval.id)
        two_persons = accounts_in_use(connection)
        row: Row = {
            "id": approval.id,
            "state": (State.REQUESTED if two_persons else State.IN_FORCE).value,
            "text": toml,
            "requested_by": actor,
            "confirmed_by": None,
            "reason": None,
        }
        body = {
            "state": row["state"],
            "text_sha256": sha256(toml.encode()),
            "terms": approval.model_dump(mode="json"),
            "confirmation": "by a second person" if two_persons else "none: the workspace has no accounts",
        }
        change(connection, store.approvals, row, actor=actor, kind=Kind.APPROVAL_ADDED, body=body)
        return _registered(row)


def confirm(workspace: Workspace, approval_id: str, *, actor: str) -> Registered:
    """Put a requested approval in force, as the second person.

    Raises
    ------
    ApprovalError
        It is not there or not waiting, `actor` requested it, has no active account, or one of another role.
    """
    with workspace.writing() as connection:
        row = _row(connection, approval_id)
        if actor == row["requested_by"]:
            raise ApprovalError("approval.own_request", id=approval_id, actor=actor)
        account = active_account(connection, actor)
        if account is None:
            raise ApprovalError("approval.not_an_account", id=approval_id, actor=actor)
        if account.role not in MAY_CONFIRM:
            raise ApprovalError(
                "approval.role_not_confirming", id=approval_id, actor=actor, roles=", ".join(MAY_CONFIRM)
            )
        row |= {"state": _next(row, Step.CONFIRM), "confirmed_by": actor}
        body = {"state": row["state"]}
        change(connection, store.approvals, row, actor=actor, kind=Kind.APPROVAL_CONFIRMED, body=body)
        return _registered(row)


def revoke(workspace: Workspace, approval_id: str, *, reason: str, actor: str) -> Registered:
    """End an approval for good. It refuses the next run, and a run that is under way cannot be published.

    Raises
    ------
    ApprovalError
        It is not there or revoked already, or the reason is blank.
    WorkspaceError
        `actor` has to be an active account.
    """
    if not reason.strip():
        raise ApprovalError("approval.reason_blank", id=approval_id)
    with workspace.writing() as connection:
        require_account(connection, actor)
        row = _row(connection, approval_id)
        row |= {"state": _next(row, Step.REVOKE), "reason": reason.strip()}
        body = {"state": row["state"], "reason": row["reason"]}
        change(connection, store.approvals, row, actor=actor, kind=Kind.APPROVAL_REVOKED, body=body)
        return _registered(row)


def show(workspace: Workspace, approval_id: str) -> Registered:
    """The approval of this id.

    Raises
    ------
    ApprovalError
        It is not registered.
    IntegrityError
        Its row was edited outside the system.
    """
    with workspace.reading() as connection:
        return _registered(_row(connection, approval_id))


def list_approvals(workspace: Workspace) -> list[Registered]:
    """Every registered approval, by id."""
    with workspace.reading() as connection:
        ids = connection.execute(select(store.approvals.c.id).order_by(store.approvals.c.id)).scalars()
        return [_registered(_row(connection, approval_id)) for approval_id in ids]


def find(connection: Connection, approval_id: str) -> Registered | None:
    """The approval of this id within a transaction, compared with the log; None where there is none."""
    row = trusted_row(connection, store.approvals, KINDS, approval_id)
    return None if row is None else _registered(row)


def _row(connection: Connection, approval_id: str) -> Row:
    row = trusted_row(connection, store.approvals, KINDS, approval_id)
    if row is None:
        raise ApprovalError("approval.absent", id=approval_id)
    return row


def _next(row: Row, step: Step) -> str:
    after = TRANSITIONS[State(str(row["state"])), step]
    if after is None:
        raise ApprovalError("approval.step_not_allowed", id=row["id"], state=row["state"], step=step.value)
    return after.value


def _registered(row: Row) -> Registered:
    stored = str(row["text"])
    return Registered(
        approval=approval_of(stored),
        state=State(str(row["state"])),
        requested_by=str(row["requested_by"]),
        confirmed_by=None if row["confirmed_by"] is None else str(row["confirmed_by"]),
        reason=None if row["reason"] is None else str(row["reason"]),
        text=stored,
        sha256=sha256(stored.encode()),
    )
