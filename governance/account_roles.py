"""Roles and schools of accounts: a role that could go far takes two persons, and nobody changes their own."""

from collections.abc import Iterable

from governance.account_rows import (
    STEP_KIND,
    Account,
    account_of,
    account_row,
    issue_token,
    log_change,
    require_another_administrator,
    school_codes,
    stepped,
)
from governance.account_state import GIVEN_BY_TWO, AccountState, AccountStep, Role
from governance.accounts import Invitation
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError


def set_role(workspace: Workspace, name: str, role: Role, *, actor: str, schools: Iterable[str] = ()) -> Account:
    """Change an account's role at once, or ask for one that two give: it keeps its role until another confirms.

    Raises
    ------
    WorkspaceError
        There is no such account, it is disabled or waits for a second person, it is the actor's own or the last active
        administrator's, schools are named for another role than a school's or not for it, or `actor` may not manage
        accounts.
    """
    step = AccountStep.REQUEST_ROLE if role in GIVEN_BY_TWO else AccountStep.SET_ROLE
    with workspace.writing() as connection:
        row = stepped(connection, name, step, actor)
        _refuse_own(name, actor)
        if role.value != row["role"]:
            require_another_administrator(connection, row)
        if step is AccountStep.REQUEST_ROLE:
            school_codes(role, schools)
            row |= {"wanted_role": role.value, "wanted_by": actor}
        else:
            row |= {"role": role.value, "schools": school_codes(role, schools), "wanted_role": None, "wanted_by": None}
        log_change(connection, row, STEP_KIND[step], actor)
    return account_of(row)


def set_schools(workspace: Workspace, name: str, schools: Iterable[str], *, actor: str) -> Account:
    """Say anew which schools a school's account is of.

    Raises
    ------
    WorkspaceError
        There is no such account, it is disabled, of another role or the actor's own, no school is named, or `actor`
        may not manage accounts.
    """
    with workspace.writing() as connection:
        row = stepped(connection, name, AccountStep.SET_SCHOOLS, actor)
        _refuse_own(name, actor)
        row["schools"] = school_codes(Role(str(row["role"])), schools)
        log_change(connection, row, STEP_KIND[AccountStep.SET_SCHOOLS], actor)
    return account_of(row)


def confirm(workspace: Workspace, name: str, *, actor: str) -> Invitation:
    """Confirm, as the second person, an account that waits or the role that was asked for; a new account's token.

    Raises
    ------
    WorkspaceError
        There is no such account, nothing of it waits, it is the actor's own or was asked for by the actor, or `actor`
        is no active account that may confirm accounts.
    """
    with workspace.writing() as connection:
        row = stepped(connection, name, AccountStep.CONFIRM, actor)
        before = account_row(connection, name) or {}
        if row["wanted_role"] is None:
            raise WorkspaceError("account.nothing_waits", name=name)
        _refuse_own(name, actor)
        if actor == row["wanted_by"]:
            raise WorkspaceError("account.own_request", name=name, actor=actor)
        if account_row(connection, actor) is None:
            raise WorkspaceError("account.second_is_no_account", name=name, actor=actor)
        if row["wanted_role"] != row["role"]:
            require_another_administrator(connection, before)
        row |= {"role": row["wanted_role"], "schools": None, "wanted_role": None, "wanted_by": None}
        issued = issue_token(row) if before["state"] == AccountState.REQUESTED.value else (None, None)
        log_change(connection, row, STEP_KIND[AccountStep.CONFIRM], actor)
    return Invitation(account_of(row), *issued)


def _refuse_own(name: str, actor: str) -> None:
    if name == actor:
        raise WorkspaceError("account.own_role", name=name)
