"""Accounts: who may use the workspace, in which role, and the proof that it is they.

There is no account at first and no default password. An account is made with a one-time token, of which only the hash
is kept and which expires; with it its owner sets a password, of which only the Argon2 hash is kept. Every change
is in the run log. Once an account is active, only an active account changes accounts and approvals; before, the user of
the operating system does.
"""

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Annotated

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import StringConstraints, TypeAdapter, ValidationError
from sqlalchemy import Connection, select

from governance import tables
from governance.account_state import TRANSITIONS, AccountState, AccountStep
from governance.account_state import Role as Role
from governance.digest import sha256
from governance.records import Row, change, trusted_row
from governance.runlog import Kind, entries
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError

TOKEN_LIFE = timedelta(hours=72)
PASSWORD_LENGTH = 12
"""Fewest characters of a password."""

NAME = TypeAdapter(Annotated[str, StringConstraints(pattern=r"^[^\s:/\\\x00-\x1f]{1,64}$")])
"""An account's name; without a colon, so that no account can pass for a user of the operating system."""


STEP_KIND = {
    AccountStep.INVITE: Kind.ACCOUNT_INVITED,
    AccountStep.SET_PASSWORD: Kind.ACCOUNT_PASSWORD_SET,
    AccountStep.SET_ROLE: Kind.ACCOUNT_ROLE_SET,
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


@dataclass(frozen=True)
class Invitation:
    """An account and the token with which its owner sets the password: to be handed over once, never stored."""

    account: Account
    token: str
    expires: datetime


def add(workspace: Workspace, name: str, role: Role, *, actor: str) -> Invitation:
    """Make an account.

    Raises
    ------
    WorkspaceError
        The name is taken or cannot be an account's, or `actor` has to be an active account.
    """
    try:
        NAME.validate_python(name)
    except ValidationError:
        raise WorkspaceError("account.name_malformed") from None
    row: Row = {"name": name, "role": role.value, "state": AccountState.INVITED.value, "password_hash": None}
    with workspace.writing() as connection:
        require_account(connection, actor)
        if trusted_row(connection, tables.accounts, KINDS, name) is not None:
            raise WorkspaceError("account.name_taken", name=name)
        token, expires = _issue_token(row)
        _change(connection, row, Kind.ACCOUNT_ADDED, actor)
    return Invitation(_account(row), token, expires)


def invite(workspace: Workspace, name: str, *, actor: str) -> Invitation:
    """Give an account a new token; its password, if any, holds no longer.

    Raises
    ------
    WorkspaceError
        There is no such account, or `actor` has to be an active account.
    """
    with workspace.writing() as connection:
        row = _step(connection, name, AccountStep.INVITE, actor)
        token, expires = _issue_token(row)
        row["password_hash"] = None
        _change(connection, row, STEP_KIND[AccountStep.INVITE], actor)
    return Invitation(_account(row), token, expires)


def set_password(workspace: Workspace, name: str, token: str, password: str) -> Account:
    """Set the password by the token, which is then spent.

    Raises
    ------
    WorkspaceError
        The password is too short, or name and token do not fit, or the token has expired.
    """
    if len(password) < PASSWORD_LENGTH:
        raise WorkspaceError("account.password_short", length=PASSWORD_LENGTH)
    hashed = _hasher().hash(password)
    with workspace.writing() as connection:
        row = trusted_row(connection, tables.accounts, KINDS, name) or {}
        known = hmac.compare_digest(str(row.get("token_hash")), sha256(token.encode()))
        if not known or datetime.fromisoformat(str(row["token_expires"])) < datetime.now(UTC):
            raise WorkspaceError("account.token_refused")
        row |= {"password_hash": hashed, "token_hash": None, "token_expires": None}
        row["state"] = _after(row, AccountStep.SET_PASSWORD)
        _change(connection, row, STEP_KIND[AccountStep.SET_PASSWORD], name)
    return _account(row)


def set_role(workspace: Workspace, name: str, role: Role, *, actor: str) -> Account:
    """Change an account's role.

    Raises
    ------
    WorkspaceError
        There is no such account, or it is disabled, or `actor` has to be an active account.
    """
    with workspace.writing() as connection:
        row = _step(connection, name, AccountStep.SET_ROLE, actor) | {"role": role.value}
        _change(connection, row, STEP_KIND[AccountStep.SET_ROLE], actor)
    return _account(row)


def disable(workspace: Workspace, name: str, *, actor: str) -> Account:
    """End an account's access; its password and token are forgotten.

    Raises
    ------
    WorkspaceError
        There is no such account, or it is disabled already, or `actor` has to be an active account.
    """
    with workspace.writing() as connection:
        row = _step(connection, name, AccountStep.DISABLE, actor)
        row |= {"password_hash": None, "token_hash": None, "token_expires": None}
        _change(connection, row, STEP_KIND[AccountStep.DISABLE], actor)
    return _account(row)


def authenticate(workspace: Workspace, name: str, password: str) -> Account | None:
    """The active account of this name and password, else None.

    A name that is not there costs the same Argon2 computation as a wrong password.

    Raises
    ------
    IntegrityError
        The account's row was edited outside the system.
    """
    with workspace.reading() as connection:
        row = trusted_row(connection, tables.accounts, KINDS, name)
    active = row is not None and row["state"] == AccountState.ACTIVE.value
    stored = str(row["password_hash"]) if row is not None and active else _nobodys_hash()
    try:
        _hasher().verify(stored, password)
    except (VerificationError, InvalidHashError):
        return None
    return _account(row) if row is not None and active else None


def list_accounts(workspace: Workspace) -> list[Account]:
    """Every account, by name."""
    with workspace.reading() as connection:
        names = connection.execute(select(tables.accounts.c.name).order_by(tables.accounts.c.name)).scalars()
        rows = [trusted_row(connection, tables.accounts, KINDS, name) for name in names]
    return [_account(row) for row in rows if row is not None]


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
    return _account(row) if row is not None and row["state"] == AccountState.ACTIVE.value else None


def require_account(connection: Connection, actor: str) -> None:
    """Refuse an actor without an active account, once there is one: one human is not to act under two names.

    Accounts are those the log tells of, so that taking a row out of the table does not lift the rule.

    Raises
    ------
    WorkspaceError
        There is an active account, and `actor` is none.
    IntegrityError
        An account's row was edited or removed outside the system.
    """
    added = {entry.subject for entry in entries(connection, kinds=[Kind.ACCOUNT_ADDED])}
    active = {name for name in added if active_account(connection, name) is not None}
    if active and actor not in active:
        raise WorkspaceError("account.name_yourself", actor=actor)


def _issue_token(row: Row) -> tuple[str, datetime]:
    token = secrets.token_urlsafe(24)
    expires = datetime.now(UTC) + TOKEN_LIFE
    row |= {"token_hash": sha256(token.encode()), "token_expires": expires.isoformat()}
    return token, expires


def _step(connection: Connection, name: str, step: AccountStep, actor: str) -> Row:
    require_account(connection, actor)
    row = trusted_row(connection, tables.accounts, KINDS, name)
    if row is None:
        raise WorkspaceError("account.absent", name=name)
    return row | {"state": _after(row, step)}


def _after(row: Row, step: AccountStep) -> str:
    after = TRANSITIONS[AccountState(str(row["state"])), step]
    if after is None:
        raise WorkspaceError("account.step_not_allowed", name=row["name"], state=row["state"], step=step.value)
    return after.value


def _change(connection: Connection, row: Row, kind: Kind, actor: str) -> None:
    body = {"role": row["role"], "state": row["state"]}
    change(connection, tables.accounts, row, actor=actor, kind=kind, body=body)


def _account(row: Mapping[str, object]) -> Account:
    schools = frozenset(json.loads(str(row.get("schools") or "[]")))
    return Account(str(row["name"]), Role(str(row["role"])), AccountState(str(row["state"])), schools)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash(secrets.token_urlsafe(24))
