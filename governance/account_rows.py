"""Rows of accounts: how they are read and written, what may be done to them, and by whom.

What is done to them is in `governance.accounts` and `governance.account_roles`.
"""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from governance import tables
from governance.account_state import TRANSITIONS, AccountState, AccountStep, Role
from governance.digest import sha256
from governance.policy import Action, Scope, roles_with, scope
from governance.records import Row, change, trusted_row, trusted_rows
from governance.runlog import Kind, entries
from vocabulary.errors import WorkspaceError

TOKEN_LIFE = timedelta(hours=72)

STEP_KIND = {
    AccountStep.CONFIRM: Kind.ACCOUNT_CONFIRMED,
    AccountStep.INVITE: Kind.ACCOUNT_INVITED,
    AccountStep.SET_PASSWORD: Kind.ACCOUNT_PASSWORD_SET,
    AccountStep.REQUEST_ROLE: Kind.ACCOUNT_ROLE_REQUESTED,
    AccountStep.SET_ROLE: Kind.ACCOUNT_ROLE_SET,
    AccountStep.SET_SCHOOLS: Kind.ACCOUNT_SCHOOLS_SET,
    AccountStep.DISABLE: Kind.ACCOUNT_DISABLED,
}
"""The entry that each step leaves in the log."""

KINDS = (Kind.ACCOUNT_ADDED, *STEP_KIND.values())


@dataclass(frozen=True)
class Account:
    """An account as others may see it."""

    name: str
    role: Role
    state: AccountState
    schools: frozenset[str] = frozenset()  # codes of the schools whose children a school's account may see
    wanted_role: Role | None = None  # asked for, and waits for a second person


def accounts_in_use(connection: Connection) -> bool:
    """Whether an account was ever made here, by the log: emptying the table does not bring the one-person rule back."""
    return bool(entries(connection, kinds=[Kind.ACCOUNT_ADDED]))


def ever_active(connection: Connection) -> bool:
    """Whether an account could ever be used here, by the log; before, the user of the operating system acts alone."""
    return bool(entries(connection, kinds=[Kind.ACCOUNT_PASSWORD_SET]))


def account_row(connection: Connection, name: str) -> Row | None:
    """The row of an account, compared with the log; None where there is none."""
    return trusted_row(connection, tables.accounts, KINDS, name)


def active_account(connection: Connection, name: str) -> Account | None:
    """The account of this name, where it can be used now."""
    row = account_row(connection, name)
    return account_of(row) if row is not None and row["state"] == AccountState.ACTIVE.value else None


def require_account(connection: Connection, actor: str) -> None:
    """Refuse an actor without an active account, once there was one: one human is not to act under two names.

    By the log, so that taking a row out of the table does not lift the rule.

    Raises
    ------
    WorkspaceError
        An account was active here at some time, and `actor` is none now.
    IntegrityError
        An account's row was edited or removed outside the system.
    """
    trusted_rows(connection, tables.accounts, KINDS)
    if ever_active(connection) and active_account(connection, actor) is None:
        raise WorkspaceError("account.name_yourself", actor=actor)


def require_manager(connection: Connection, actor: str, action: Action = Action.MANAGE_ACCOUNTS) -> None:
    """Refuse an actor to whom the policy does not grant `action` on accounts.

    Raises
    ------
    WorkspaceError
        An account was active here at some time, and `actor` is none now, or one of another role.
    """
    require_account(connection, actor)
    account = active_account(connection, actor)
    if account is not None and scope(account.role, action) is Scope.NONE:
        raise WorkspaceError("account.role_not_managing", actor=actor, roles=", ".join(roles_with(action)))


def require_another_administrator(connection: Connection, row: Row) -> None:
    """Refuse to take away the last administrator that is active, or that an account in use could still become.

    Raises
    ------
    WorkspaceError
        `row` is an administrator's, and no other one is active.
    """
    if row["role"] != Role.ADMINISTRATOR.value or row["state"] == AccountState.REQUESTED.value:
        return
    for other in trusted_rows(connection, tables.accounts, KINDS):
        same = other["name"] == row["name"] or other["state"] != AccountState.ACTIVE.value
        if not same and other["role"] == Role.ADMINISTRATOR.value:
            return
    raise WorkspaceError("account.last_administrator", name=row["name"])


def school_codes(role: Role, schools: Iterable[str]) -> str | None:
    """Codes of schools as an account's row has them; None for an account that is no school's.

    Raises
    ------
    WorkspaceError
        A school's account has none, or another role's has some.
    """
    codes = sorted({code.strip() for code in schools if code.strip()})
    if bool(codes) != (role is Role.SCHOOL):
        raise WorkspaceError("account.schools_of_a_school")
    return json.dumps(codes, ensure_ascii=False) if codes else None


def issue_token(row: Row) -> tuple[str, datetime]:
    """A new token, whose hash and end are put into `row`."""
    token = secrets.token_urlsafe(24)
    expires = datetime.now(UTC) + TOKEN_LIFE
    row |= {"token_hash": sha256(token.encode()), "token_expires": expires.isoformat()}
    return token, expires


def stepped(connection: Connection, name: str, step: AccountStep, actor: str) -> Row:
    """The row of an account in the state after a step that a manager of accounts takes."""
    require_manager(
        connection, actor, Action.CONFIRM_ACCOUNT if step is AccountStep.CONFIRM else Action.MANAGE_ACCOUNTS
    )
    row = account_row(connection, name)
    if row is None:
        raise WorkspaceError("account.absent", name=name)
    return row | {"state": after(row, step)}


def log_change(connection: Connection, row: Row, kind: Kind, actor: str) -> None:
    """Write the row of an account with the entry that tells of it."""
    told = {"role": row["role"], "state": row["state"]}
    told |= {column: row[column] for column in ("wanted_role", "schools") if row.get(column) is not None}
    change(connection, tables.accounts, row, actor=actor, kind=kind, body=told)


def account_of(row: Mapping[str, object]) -> Account:
    """The account that stands in a row."""
    wanted = row.get("wanted_role")
    return Account(
        name=str(row["name"]),
        role=Role(str(row["role"])),
        state=AccountState(str(row["state"])),
        schools=frozenset(json.loads(str(row.get("schools") or "[]"))),
        wanted_role=None if wanted is None else Role(str(wanted)),
    )


def after(row: Row, step: AccountStep) -> str:
    """The state of an account after a step; WorkspaceError where its state does not allow it."""
    after = TRANSITIONS[AccountState(str(row["state"])), step]
    if after is None:
        raise WorkspaceError("account.step_not_allowed", name=row["name"], state=row["state"], step=step.value)
    return after.value
