"""Whether an account may do something to a child, a school or a source; what it may not is refused, and logged.

The policy says what a role may do and to whom; this answers for one account. A narrower scope than `all` is narrowed by
whoever calls: asked without a child, school or source, `require` allows the action and returns the scope, and the
caller shows only what that scope reaches.
"""

from dataclasses import dataclass

from governance.account_state import Role
from governance.accounts import active_account, ever_active
from governance.cases import assigned_to
from governance.data_owners import owners
from governance.grants import granted_to
from governance.policy import Action, Scope, action_title, scope
from governance.runlog import Kind
from governance.workspace import Workspace
from vocabulary.errors import RefusalError, WorkspaceError


@dataclass(frozen=True)
class Actor:
    """Who acts: an account, or the lone operator of a workspace in which no account was ever active (`role` None)."""

    name: str
    role: Role | None
    schools: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()  # those whose data owner it is
    actions: frozenset[Action] | None = None  # to which a program's token narrows it; None for a person


def actor(workspace: Workspace, name: str) -> Actor:
    """The actor of this name, whose identity the caller has made sure of.

    Raises
    ------
    WorkspaceError
        An account was active here at some time, and `name` is none now.
    IntegrityError
        The account's row was edited outside the system.
    """
    with workspace.reading() as connection:
        if not ever_active(connection):
            return Actor(name, None)
        account = active_account(connection, name)
    if account is None:
        raise WorkspaceError("account.name_yourself", actor=name)
    owned = frozenset(source for source, owner in owners(workspace).items() if owner == name)
    return Actor(name, account.role, account.schools, owned)


def scope_of(actor: Actor, action: Action) -> Scope:
    """To whom `action` reaches for this actor; everything for the lone operator, nothing beyond a program's token."""
    if actor.actions is not None and action not in actor.actions:
        return Scope.NONE
    return Scope.ALL if actor.role is None else scope(actor.role, action)


def allowed(
    workspace: Workspace,
    actor: Actor,
    action: Action,
    *,
    person_id: str | None = None,
    school: str | None = None,
    source: str | None = None,
) -> bool:
    """Whether `actor` may do this to that child, school or source, or at all where none is named.

    Parameters
    ----------
    workspace
        An open workspace.
    actor
        From `governance.access.actor`.
    action
        What is to be done.
    person_id, school, source
        Whom it is done to: a child, the code of the child's school, a source. A scope that needs one of them (the
        school under `own_school`) denies where others are named and this one is not.
    """
    reach = scope_of(actor, action)
    if reach in (Scope.ALL, Scope.NONE):
        return reach is Scope.ALL
    if person_id is None and school is None and source is None:
        return True
    if reach is Scope.OWN_ASSIGNMENTS:
        return person_id is not None and person_id in own_children(workspace, actor)
    if reach is Scope.OWN_SCHOOL:
        return school is not None and school in actor.schools
    if reach is Scope.OWN_DEPARTMENT:
        return source is not None and source in actor.sources
    return False  # statistics are of nobody


def require(
    workspace: Workspace,
    actor: Actor,
    action: Action,
    *,
    person_id: str | None = None,
    school: str | None = None,
    source: str | None = None,
) -> Scope:
    """Refuse what `actor` may not do, and log the refusal; the scope, to which the caller narrows what is shown.

    Asked without a child, school or source, what has a narrower scope than `all` is allowed: a list is then to be
    filtered by the scope that is returned, and each thing opened from it asked for by itself. Under `statistics` only
    figures are to be shown. Parameters as of `allowed`.

    Raises
    ------
    RefusalError
        Not allowed. The log has the action, and of whom it was asked.
    """
    if not allowed(workspace, actor, action, person_id=person_id, school=school, source=source):
        asked = {"person": person_id, "school": school, "source": source}
        body = {"rule": "access.denied", "action": action.value} | {k: v for k, v in asked.items() if v is not None}
        workspace.log(actor=actor.name, kind=Kind.REFUSAL, subject=f"access/{action}", body=body)
        raise RefusalError("access.denied", actor=actor.name, role=actor.role, action=action_title(action))
    return scope_of(actor, action)


def own_children(workspace: Workspace, actor: Actor) -> frozenset[str]:
    """Children within `Scope.OWN_ASSIGNMENTS`: of the actor's open cases, and of its emergency access under way."""
    return assigned_to(workspace, actor.name) | granted_to(workspace, actor.name)
