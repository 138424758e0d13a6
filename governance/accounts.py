"""Accounts: who may use the workspace, and the proof that it is they.

There is no account at first and no default password. An account is made with a one-time token, of which only the hash
is kept and which expires; with it its owner sets a password, of which only the Argon2 hash is kept. Every change
is in the run log. The first account is an administrator's, made by the user of the operating system; once an account
was active, only accounts whose role manages accounts change them. `governance.account_roles` changes roles and schools.
"""

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Annotated

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import StringConstraints, TypeAdapter, ValidationError
from sqlalchemy import Connection, select

from governance import tables
from governance.account_rows import KINDS as KINDS
from governance.account_rows import (
    STEP_KIND,
    account_of,
    account_row,
    after,
    issue_token,
    log_change,
    require_another_administrator,
    require_manager,
    school_codes,
    stepped,
)
from governance.account_rows import Account as Account
from governance.account_rows import accounts_in_use as accounts_in_use
from governance.account_rows import active_account as active_account
from governance.account_rows import ever_active as ever_active
from governance.account_rows import require_account as require_account
from governance.account_state import GIVEN_BY_TWO, AccountState, AccountStep
from governance.account_state import Role as Role
from governance.digest import sha256
from governance.passwords import PASSWORD_LENGTH as PASSWORD_LENGTH
from governance.passwords import hashed
from governance.records import Row
from governance.runlog import Kind
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError

NAME = TypeAdapter(Annotated[str, StringConstraints(pattern=r"^[^\s:/\\\x00-\x1f]{1,64}$")])
"""An account's name; without a colon, so that no account can pass for a user of the operating system."""


@dataclass(frozen=True)
class Invitation:
    """An account and the token with which its owner sets the password: to be handed over once, never stored.

    Both token and end are None where the account, or its role, waits for a second person.
    """

    account: Account
    token: str | None = None
    expires: datetime | None = None


def add(workspace: Workspace, name: str, role: Role, *, actor: str, schools: Iterable[str] = ()) -> Invitation:
    """Make an account; one of a role that two give waits for a second person, but for the first account of all.

    Raises
    ------
    WorkspaceError
        The name is taken or cannot be an account's, the first account is no administrator's, schools are named for
        another role than a school's or not for it, or `actor` may not manage accounts.
    """
    try:
        NAME.validate_python(name)
    except ValidationError:
        raise WorkspaceError("account.name_malformed") from None
    row: Row = dict.fromkeys(tables.accounts.columns.keys())
    row |= {"name": name, "role": role.value, "state": AccountState.INVITED.value}
    with workspace.writing() as connection:
        require_manager(connection, actor)
        if account_row(connection, name) is not None:
            raise WorkspaceError("account.name_taken", name=name)
        first = not accounts_in_use(connection)
        if first and role is not Role.ADMINISTRATOR:
            raise WorkspaceError("account.first_is_administrator")
        row["schools"] = school_codes(role, schools)
        if role in GIVEN_BY_TWO and not first:
            row |= {"state": AccountState.REQUESTED.value, "wanted_role": role.value, "wanted_by": actor}
            log_change(connection, row, Kind.ACCOUNT_ADDED, actor)
            return Invitation(account_of(row))
        token, expires = issue_token(row)
        log_change(connection, row, Kind.ACCOUNT_ADDED, actor)
    return Invitation(account_of(row), token, expires)


def invite(workspace: Workspace, name: str, *, actor: str) -> Invitation:
    """Give an account a new token; its password, if any, holds no longer.

    An account that was disabled and whose role is one that two give waits for a second person.

    Raises
    ------
    WorkspaceError
        There is no such account, it waits for a second person, it is the last active administrator's, or `actor` may
        not manage accounts.
    """
    with workspace.writing() as connection:
        row = stepped(connection, name, AccountStep.INVITE, actor) | {"password_hash": None}
        before, role = account_row(connection, name) or {}, Role(str(row["role"]))
        if before["state"] == AccountState.ACTIVE.value:
            require_another_administrator(connection, row)
        if before["state"] == AccountState.DISABLED.value and role in GIVEN_BY_TWO:
            row |= {"state": AccountState.REQUESTED.value, "wanted_role": role.value, "wanted_by": actor}
            log_change(connection, row, STEP_KIND[AccountStep.INVITE], actor)
            return Invitation(account_of(row))
        token, expires = issue_token(row)
        log_change(connection, row, STEP_KIND[AccountStep.INVITE], actor)
    return Invitation(account_of(row), token, expires)


def set_password(workspace: Workspace, name: str, token: str, password: str) -> Account:
    """Set the password by the token, which is then spent.

    Raises
    ------
    WorkspaceError
        Name and token do not fit, the token has expired, or, of who has the token, the password is too easily guessed.
    """
    with workspace.reading() as connection:
        _row_by_token(connection, name, token)  # first, since to judge a password keeps the machine busy
    made = hashed(name, password)
    with workspace.writing() as connection:
        row = _row_by_token(connection, name, token)
        row |= {"password_hash": made, "token_hash": None, "token_expires": None}
        row["state"] = after(row, AccountStep.SET_PASSWORD)
        log_change(connection, row, STEP_KIND[AccountStep.SET_PASSWORD], name)
    return account_of(row)


def disable(workspace: Workspace, name: str, *, actor: str) -> Account:
    """End an account's access, or refuse one that waits; its password, its token and what it asked for are forgotten.

    Raises
    ------
    WorkspaceError
        There is no such account, it is disabled already, it is the last active administrator's, or `actor` may not
        manage accounts.
    """
    with workspace.writing() as connection:
        row = stepped(connection, name, AccountStep.DISABLE, actor)
        require_another_administrator(connection, account_row(connection, name) or {})
        row |= dict.fromkeys(("password_hash", "token_hash", "token_expires", "wanted_role", "wanted_by"))
        log_change(connection, row, STEP_KIND[AccountStep.DISABLE], actor)
    return account_of(row)


def authenticate(workspace: Workspace, name: str, password: str) -> Account | None:
    """The active account of this name and password, else None.

    A name that is not there costs the same Argon2 computation as a wrong password.

    Raises
    ------
    IntegrityError
        The account's row was edited outside the system.
    """
    with workspace.reading() as connection:
        row = account_row(connection, name)
    active = row is not None and row["state"] == AccountState.ACTIVE.value
    stored = str(row["password_hash"]) if row is not None and active else _nobodys_hash()
    try:
        _hasher().verify(stored, password)
    except (VerificationError, InvalidHashError):
        return None
    return account_of(row) if row is not None and active else None


def list_accounts(workspace: Workspace) -> list[Account]:
    """Every account, by name."""
    with workspace.reading() as connection:
        names = connection.execute(select(tables.accounts.c.name).order_by(tables.accounts.c.name)).scalars()
        rows = [account_row(connection, name) for name in names]
    return [account_of(row) for row in rows if row is not None]


def _row_by_token(connection: Connection, name: str, token: str) -> Row:
    row = account_row(connection, name) or {}
    known = hmac.compare_digest(str(row.get("token_hash")), sha256(token.encode()))
    if not known or datetime.fromisoformat(str(row["token_expires"])) < datetime.now(UTC):
        raise WorkspaceError("account.token_refused")
    return row


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash(secrets.token_urlsafe(24))
