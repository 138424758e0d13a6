"""Tokens with which an account's own programs ask the JSON interface: for a time, and for some actions only.

A token is shown once; of it the SHA-256 is kept. What it may do is never more than its account may at that moment, and
it ends like the account's sessions do: by another password or role, a new invitation, or the end of the account. Its
row is bound to the log.
"""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from governance import clock, tables
from governance.account_rows import active_account
from governance.custody import DataClass
from governance.digest import canonical_json, sha256
from governance.policy import Action, Scope, scope
from governance.records import Row, change, trusted_row
from governance.runlog import Kind
from governance.sessions import binding_of
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError

KINDS = (Kind.ACCESS_TOKEN_MADE, Kind.ACCESS_TOKEN_ENDED)
PREFIX = "mimamori_"
"""With which a token begins, so that one that was left lying somewhere is found by a search."""

LONGEST_DAYS = 90
MOST = 10
"""Tokens of an account that hold at once."""


class TokenState(StrEnum):
    """Where a token stands, besides its time."""

    MADE = "made"
    ENDED = "ended"


@dataclass(frozen=True)
class AccessToken:
    """A token as its owner may see it."""

    id: str
    account: str
    title: str
    actions: frozenset[Action]
    until: datetime
    state: TokenState


def make(
    workspace: Workspace, account: str, title: str, actions: Iterable[Action], days: int
) -> tuple[AccessToken, str]:
    """Make a token; it, and the text that a program sends, which is not kept.

    Raises
    ------
    WorkspaceError
        No name, no actions or such as the account may not do, a time that is too long, or too many tokens.
    """
    wanted = frozenset(actions)
    if not title.strip() or len(title) > 80:
        raise WorkspaceError("sign_in.token_untitled")
    if not 1 <= days <= LONGEST_DAYS:
        raise WorkspaceError("sign_in.token_days", most=LONGEST_DAYS)
    if len(holding(workspace, account)) >= MOST:
        raise WorkspaceError("sign_in.token_many", most=MOST)
    shown = PREFIX + secrets.token_urlsafe(32)
    with workspace.writing() as connection:
        held = active_account(connection, account)
        if held is None or not wanted or any(scope(held.role, one) is Scope.NONE for one in wanted):
            raise WorkspaceError("sign_in.token_actions")
        row: Row = {
            "id": secrets.token_hex(8),
            "token_sha256": sha256(shown.encode()),
            "account": account,
            "state": TokenState.MADE.value,
            "until": (clock.now() + timedelta(days=days)).isoformat(),
        }
        content = {"title": title.strip(), "actions": sorted(wanted), "bound_to": binding_of(connection, account)}
        row["content"] = workspace.custody.seal(_name(row), canonical_json(content), DataClass.PSEUDONYMOUS)
        body = {"account": account, "actions": sorted(wanted), "until": row["until"]}
        change(connection, tables.access_tokens, row, actor=account, kind=Kind.ACCESS_TOKEN_MADE, body=body)
    return _token(workspace, row), shown


def find(workspace: Workspace, shown: str) -> AccessToken | None:
    """The token that a program sent, if it holds.

    Raises
    ------
    IntegrityError
        Its row was edited or added outside the system.
    """
    if not shown.startswith(PREFIX):
        return None
    table = tables.access_tokens
    with workspace.reading() as connection:
        wanted = select(table.c.id).where(table.c.token_sha256 == sha256(shown.encode()))
        token_id = connection.execute(wanted).scalar_one_or_none()
        row = None if token_id is None else trusted_row(connection, table, KINDS, token_id)
        bound_to = "" if row is None else binding_of(connection, str(row["account"]))
    if row is None or not _holds(workspace, row, bound_to):
        return None
    return _token(workspace, row)


def holding(workspace: Workspace, account: str) -> list[AccessToken]:
    """The tokens of an account that hold, the first to end first."""
    table = tables.access_tokens
    with workspace.reading() as connection:
        ids = connection.execute(select(table.c.id).where(table.c.account == account)).scalars().all()
        rows = [trusted_row(connection, table, KINDS, one) for one in ids]
        bound_to = binding_of(connection, account)
    held = [_token(workspace, row) for row in rows if row is not None and _holds(workspace, row, bound_to)]
    return sorted(held, key=lambda one: one.until)


def end(workspace: Workspace, account: str, token_id: str) -> None:
    """End a token of this account.

    Raises
    ------
    WorkspaceError
        It has none of that id that holds.
    """
    with workspace.writing() as connection:
        row = trusted_row(connection, tables.access_tokens, KINDS, token_id)
        if row is None or row["account"] != account or row["state"] != TokenState.MADE.value:
            raise WorkspaceError("sign_in.token_absent")
        row |= {"state": TokenState.ENDED.value}
        body = {"account": account}
        change(connection, tables.access_tokens, row, actor=account, kind=Kind.ACCESS_TOKEN_ENDED, body=body)


def _holds(workspace: Workspace, row: Row, bound_to: str) -> bool:
    in_time = clock.now() < datetime.fromisoformat(str(row["until"]))
    return row["state"] == TokenState.MADE.value and in_time and _content(workspace, row)["bound_to"] == bound_to


def _content(workspace: Workspace, row: Row) -> dict[str, object]:
    opened = workspace.custody.unseal(_name(row), str(row["content"]), DataClass.PSEUDONYMOUS)
    return dict(json.loads(opened))


def _name(row: Row) -> str:
    return f"access_token/{row['id']}/{row['token_sha256']}"


def _token(workspace: Workspace, row: Row) -> AccessToken:
    content = _content(workspace, row)
    actions = content["actions"]
    return AccessToken(
        id=str(row["id"]),
        account=str(row["account"]),
        title=str(content["title"]),
        actions=frozenset(Action(one) for one in actions) if isinstance(actions, list) else frozenset(),
        until=datetime.fromisoformat(str(row["until"])),
        state=TokenState(str(row["state"])),
    )
