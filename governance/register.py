"""The register of approvals: what has been asked for, what holds, what was amended or revoked, and by whom.

A workspace in which an account was ever made asks for two persons: one requests, another, whose account is active and
of a role in `MAY_CONFIRM`, confirms; where its kind asks for it, the owners of the sources countersign. Once an account
is active, requests and revocations too are made under one. A workspace without accounts has one operator; what is
added holds at once, and the log says that nobody confirmed or countersigned it.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from governance import tables, versions
from governance.accounts import accounts_in_use, active_account, require_account
from governance.approval import Approval, parse_approval
from governance.approval_state import ENDED, Step
from governance.approval_state import State as State
from governance.data_owners import owner_of
from governance.digest import sha256
from governance.policy import Action, roles_with
from governance.population_lists import keep_list
from governance.records import Row, change
from governance.runlog import Kind
from governance.versions import KINDS as KINDS
from governance.versions import Registered as Registered
from governance.workspace import Workspace
from vocabulary.errors import ApprovalError
from vocabulary.source import Source

MAY_CONFIRM = roles_with(Action.CONFIRM_APPROVAL)
"""Roles that may be the second person."""


def add(
    workspace: Workspace,
    toml: str,
    *,
    file: str,
    sources: Mapping[str, Source],
    actor: str,
    listed: bytes | None = None,
) -> Registered:
    """Register an approval file.

    Parameters
    ----------
    workspace
        An open workspace.
    toml, file, sources
        As `parse_approval` takes them.
    actor
        Who registers it, as authenticated by the caller.
    listed
        The CSV file whose digest the approval's population names.

    Raises
    ------
    ApprovalError
        The file is not well formed, its id is registered already, or the list is not the one it names.
    WorkspaceError
        `actor` has to be an active account.
    """
    approval = parse_approval(toml, file=file, sources=sources)
    with workspace.writing() as connection:
        require_account(connection, actor)
        if versions.rows(connection, approval.id):
            raise ApprovalError("approval.id_taken", file=file, id=approval.id)
        keep_list(workspace, connection, approval, listed, file=file)
        return _enter(connection, [], approval, toml, actor=actor)


def amend(
    workspace: Workspace,
    approval_id: str,
    toml: str,
    *,
    file: str,
    sources: Mapping[str, Source],
    actor: str,
    listed: bytes | None = None,
) -> Registered:
    """Register a further version of an approval in force. The version before ends when this one comes into force.

    The parameters are those of `add`. Runs made under any version count towards `max_runs`.

    Raises
    ------
    ApprovalError
        As `add`; or no version is in force, another one waits, the file has another id, or nothing is changed.
    WorkspaceError
        `actor` has to be an active account.
    """
    approval = parse_approval(toml, file=file, sources=sources)
    if approval.id != approval_id:
        raise ApprovalError("approval.amends_other", file=file, id=approval_id, found=approval.id)
    with workspace.writing() as connection:
        require_account(connection, actor)
        held = versions.rows(connection, approval_id)
        row = _current(held, approval_id)
        if row["state"] != State.IN_FORCE.value:
            raise ApprovalError("approval.not_in_force", id=approval_id, state=row["state"])
        if versions.waiting(held) is not None:
            raise ApprovalError("approval.amendment_waits", id=approval_id)
        if not differences(versions.registered(row).approval, approval):
            raise ApprovalError("approval.nothing_amended", file=file, id=approval_id)
        keep_list(workspace, connection, approval, listed, file=file)
        return _enter(connection, held, approval, toml, actor=actor)


def _enter(connection: Connection, held: list[Row], approval: Approval, toml: str, *, actor: str) -> Registered:
    two_persons = accounts_in_use(connection)
    key = versions.version_key(approval.id, len(held) + 1)
    row: Row = {
        "id": key,
        "state": (State.REQUESTED if two_persons else State.IN_FORCE).value,
        "text": toml,
        "requested_by": actor,
        "confirmed_by": None,
        "reason": None,
        "countersigned": None,
    }
    body = {
        "state": row["state"],
        "text_sha256": sha256(toml.encode()),
        "terms": approval.model_dump(mode="json"),
        "confirmation": "by a second person" if two_persons else "none: the workspace has no accounts",
        "countersignatures": approval.countersigners() if two_persons else (),
    }
    if not two_persons:
        versions.supersede(connection, held, key, actor=actor)
    change(connection, tables.approvals, row, actor=actor, kind=Kind.APPROVAL_ADDED, body=body)
    return versions.registered(row)


def confirm(workspace: Workspace, approval_id: str, *, actor: str) -> Registered:
    """Confirm the version that was requested, as the second person.

    It is in force then, or waits for the countersignatures that are missing.

    Raises
    ------
    ApprovalError
        It is not there or not waiting, `actor` requested it, has no active account, or one of another role.
    """
    with workspace.writing() as connection:
        held = versions.rows(connection, approval_id)
        row = versions.waiting(held) or _current(held, approval_id)
        if actor == row["requested_by"]:
            raise ApprovalError("approval.own_request", id=approval_id, actor=actor)
        account = active_account(connection, actor)
        if account is None:
            raise ApprovalError("approval.not_an_account", id=approval_id, actor=actor)
        if account.role not in MAY_CONFIRM:
            raise ApprovalError(
                "approval.role_not_confirming", id=approval_id, actor=actor, roles=", ".join(MAY_CONFIRM)
            )
        row |= {"state": versions.after(row, Step.CONFIRM), "confirmed_by": actor}
        row = versions.complete(connection, held, row, actor=actor)
        body = {"state": row["state"], "missing": versions.registered(row).missing}
        change(connection, tables.approvals, row, actor=actor, kind=Kind.APPROVAL_CONFIRMED, body=body)
        return versions.registered(row)


def countersign(workspace: Workspace, approval_id: str, *, source: str, actor: str) -> Registered:
    """Agree to the reading of a source, as the one who answers for it.

    Raises
    ------
    ApprovalError
        The approval is not there or not waiting, the source is not asked for, or `actor` does not own it.
    """
    with workspace.writing() as connection:
        held = versions.rows(connection, approval_id)
        row = versions.waiting(held) or _current(held, approval_id)
        row |= {"state": versions.after(row, Step.COUNTERSIGN)}
        if source not in versions.registered(row).missing:
            raise ApprovalError("approval.countersignature_not_asked", id=approval_id, source=source)
        if active_account(connection, actor) is None or owner_of(connection, source) != actor:
            raise ApprovalError("approval.not_the_owner", id=approval_id, source=source, actor=actor)
        row = versions.complete(connection, held, versions.signed(row, source, actor), actor=actor)
        body = {"state": row["state"], "source": source, "missing": versions.registered(row).missing}
        change(connection, tables.approvals, row, actor=actor, kind=Kind.APPROVAL_COUNTERSIGNED, body=body)
        return versions.registered(row)


def revoke(
    workspace: Workspace, approval_id: str, *, reason: str, actor: str, waiting_only: bool = False
) -> Registered:
    """End an approval for good. It refuses the next run, and a run that is under way cannot be published.

    With `waiting_only`, an amendment that waits ends, and the version in force stays.

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
        held = versions.rows(connection, approval_id)
        if waiting_only:
            waits = versions.waiting(held)
            if waits is None:
                raise ApprovalError("approval.nothing_waits", id=approval_id)
            ended = [waits]
        else:
            ended = [row for row in held if State(str(row["state"])) not in ENDED] or [_current(held, approval_id)]
        for row in ended:
            row |= {"state": versions.after(row, Step.REVOKE), "reason": reason.strip()}
            body = {"state": row["state"], "reason": row["reason"]}
            change(connection, tables.approvals, row, actor=actor, kind=Kind.APPROVAL_REVOKED, body=body)
        return versions.registered(ended[0])


def show(workspace: Workspace, approval_id: str) -> Registered:
    """The approval of this id: the version in force; where none is, the newest.

    Raises
    ------
    ApprovalError
        It is not registered.
    IntegrityError
        A row of it was edited outside the system.
    """
    with workspace.reading() as connection:
        return versions.registered(_current(versions.rows(connection, approval_id), approval_id))


def history(workspace: Workspace, approval_id: str) -> list[Registered]:
    """Every version of an approval, the first one first."""
    with workspace.reading() as connection:
        return [versions.registered(row) for row in versions.rows(connection, approval_id)]


def list_approvals(workspace: Workspace) -> list[Registered]:
    """Every registered approval, by id: the version in force; where none is, the newest."""
    with workspace.reading() as connection:
        keys = connection.execute(select(tables.approvals.c.id).order_by(tables.approvals.c.id)).scalars()
        ids = dict.fromkeys(key.partition("/")[0] for key in keys)
        return [versions.registered(_current(versions.rows(connection, one), one)) for one in ids]


def find(connection: Connection, approval_id: str) -> Registered | None:
    """As `show` within a transaction; None where there is no such approval."""
    row = versions.current(versions.rows(connection, approval_id))
    return None if row is None else versions.registered(row)


def differences(old: Approval, new: Approval) -> dict[str, tuple[Any, Any]]:
    """Fields in which two versions differ, and what they say; None where one says nothing."""
    before, now = old.model_dump(mode="json"), new.model_dump(mode="json")
    return {field: (before[field], now[field]) for field in before if before[field] != now[field]}


def _current(held: list[Row], approval_id: str) -> Row:
    row = versions.current(held)
    if row is None:
        raise ApprovalError("approval.absent", id=approval_id)
    return row
