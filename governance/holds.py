"""Holds: runs that are not disposed of for now, whatever their retention, with the reason and by whom.

A hold is on a run, or on an approval and so on every run made under it; the delivered files those runs read are held
with them. Whoever may act places one at once. Where accounts exist, lifting it takes two: one asks, another does. What
holds is read from the log alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from governance import register
from governance.accounts import accounts_in_use, active_account, require_account
from governance.policy import Action, roles_with
from governance.runlog import Kind, append, entries
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError

PLACED, RELEASE_ASKED, RELEASED = "placed", "release_asked", "released"


MAY_CONFIRM = roles_with(Action.LIFT_HOLD)
"""Roles that may be the second person."""


@dataclass(frozen=True)
class Hold:
    """A hold that stands."""

    target: str  # id of a run or an approval
    reason: str
    placed_by: str
    placed_at: str
    release_asked_by: str | None = None
    release_reason: str | None = None


def place(workspace: Workspace, target: str, *, reason: str, actor: str) -> Hold:
    """Put a run, or every run under an approval, under hold.

    Raises
    ------
    WorkspaceError
        There is no such run or approval, it is under hold already, the reason is blank, or `actor` has to be an
        active account.
    """
    _state_reason(reason, target)
    with workspace.writing() as connection:
        require_account(connection, actor)
        if not entries(connection, kinds=[Kind.RUN_PUBLISHED], subject=target) and not register.find(
            connection, target
        ):
            raise WorkspaceError("retention.hold_target", target=target)
        if target in holds(connection):
            raise WorkspaceError("retention.held_already", target=target)
        body = {"step": PLACED, "reason": reason.strip()}
        entry = append(connection, actor=actor, kind=Kind.HOLD, subject=target, body=body)
    return Hold(target, reason.strip(), actor, entry.at)


def release(workspace: Workspace, target: str, *, reason: str, actor: str) -> Hold | None:
    """Lift a hold; None once it is lifted, else the hold, which waits for a second person.

    Raises
    ------
    WorkspaceError
        It is not under hold, the reason is blank, or `actor` asked for it already or may not.
    """
    _state_reason(reason, target)
    with workspace.writing() as connection:
        require_account(connection, actor)
        hold = holds(connection).get(target)
        if hold is None:
            raise WorkspaceError("retention.not_held", target=target)
        step = RELEASED
        if accounts_in_use(connection):
            account = active_account(connection, actor)
            if account is None or account.role not in MAY_CONFIRM:
                raise WorkspaceError("retention.role_not_releasing", target=target, roles=", ".join(MAY_CONFIRM))
            if hold.release_asked_by == actor:
                raise WorkspaceError("retention.own_release", target=target, actor=actor)
            step = RELEASE_ASKED if hold.release_asked_by is None else RELEASED
        append(connection, actor=actor, kind=Kind.HOLD, subject=target, body={"step": step, "reason": reason.strip()})
    return None if step == RELEASED else replace(hold, release_asked_by=actor, release_reason=reason.strip())


def holds(connection: Connection) -> Mapping[str, Hold]:
    """Holds that stand, by what they are on. Errors as of `runlog.entries`."""
    found: dict[str, Hold] = {}
    for entry in entries(connection, kinds=[Kind.HOLD]):
        step, reason = entry.content["step"], entry.content["reason"]
        if step == PLACED:
            found[entry.subject] = Hold(entry.subject, reason, entry.actor, entry.at)
        elif step == RELEASE_ASKED:
            found[entry.subject] = replace(found[entry.subject], release_asked_by=entry.actor, release_reason=reason)
        else:
            del found[entry.subject]
    return found


def list_holds(workspace: Workspace) -> list[Hold]:
    """Holds that stand, in the order in which they were placed."""
    with workspace.reading() as connection:
        return [*holds(connection).values()]


def _state_reason(reason: str, target: str) -> None:
    if not reason.strip():
        raise WorkspaceError("retention.reason_blank", target=target)
