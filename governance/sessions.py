"""Sessions: who is signed in, kept on the server, so that one can be ended at any time.

The browser holds a random token, the database its SHA-256. What a session says (whose it is, how far the signing in has
come, when it began) is sealed and bound to that hash, so that nobody makes or alters one in the database. It is also
bound to the account as it was: another password or role, a new invitation or the end of the account ends its sessions,
since they do not fit it any more.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select, update

from governance import clock, store, tables
from governance.account_rows import account_row
from governance.account_state import AccountState
from governance.custody import DataClass
from governance.digest import canonical_json, sha256, sha256_json
from governance.records import Row
from governance.runlog import Kind, append
from governance.workspace import Workspace

TOKEN_BYTES = 32
TOUCH = timedelta(seconds=60)
"""How often at most it is written down that a session is in use."""

HALFWAY_LIFE = timedelta(minutes=10)
"""How long somebody may take between the password and the second factor."""

OF_WHOEVER = ""
"""The account of a session in which nobody has said yet who they are."""


class Stage(StrEnum):
    """How far the signing in has come."""

    ELSEWHERE = "elsewhere"  # sent to the provider of OpenID Connect
    HALFWAY = "halfway"  # the second factor is still to come
    WHOLE = "whole"


@dataclass(frozen=True)
class Session:
    """A session that holds."""

    id: str
    account: str
    stage: Stage
    began_at: datetime
    seen_at: datetime
    address: str
    browser: str
    bound_to: str  # digest of what of the account ends its sessions when it changes
    notes: Mapping[str, str] = field(default_factory=dict)  # what a step leaves for the next


def begin(
    workspace: Workspace,
    connection: Connection,
    account: str,
    stage: Stage,
    *,
    address: str,
    browser: str,
    notes: Mapping[str, str] | None = None,
) -> str:
    """Begin a session in the caller's writing transaction; the token for the browser.

    Parameters
    ----------
    workspace, connection
        An open workspace, and a transaction of it.
    account
        An active account; `OF_WHOEVER` for the stage `elsewhere`.
    stage
        How far the signing in has come.
    address, browser
        Where the request came from, and what its browser calls itself; shown to the account's owner alone.
    notes
        What the next step needs.
    """
    now = clock.now()
    oldest = now - timedelta(hours=workspace.settings.sign_in.session_hours)
    connection.execute(delete(tables.sessions).where(tables.sessions.c.seen_at < oldest.isoformat()))
    session = Session(
        id=secrets.token_hex(8),
        account=account,
        stage=stage,
        began_at=now,
        seen_at=now,
        address=address[:64],
        browser=browser[:200],
        bound_to=_binding(account_row(connection, account)) if account else "",
        notes=notes or {},
    )
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row: Row = {
        "token_sha256": sha256(token.encode()),
        "id": session.id,
        "account": account,
        "seen_at": now.isoformat(),
    }
    connection.execute(insert(tables.sessions).values(row | {"content": _sealed(workspace, row, session)}))
    return token


def find(workspace: Workspace, token: str | None, *, stage: Stage = Stage.WHOLE) -> Session | None:
    """The session of this token and stage, if it holds; that it is in use is written down at most once a minute.

    Raises
    ------
    IntegrityError
        The session, or the row of its account, was edited outside the system.
    """
    if not token:
        return None
    digest = sha256(token.encode())
    with workspace.reading() as connection:
        row = _row(connection, digest)
        session = None if row is None else _opened(workspace, row)
        holds = session is not None and session.stage is stage and _holds(workspace, connection, session)
    if session is None or not holds:
        return None
    if clock.now() - session.seen_at > TOUCH:
        with store.writing(workspace.engine) as connection:
            seen = tables.sessions.c.token_sha256 == digest
            connection.execute(update(tables.sessions).where(seen).values(seen_at=clock.now().isoformat()))
    return session


def note(workspace: Workspace, connection: Connection, token: str, notes: Mapping[str, str]) -> None:
    """Leave notes in a session in place of those it has, in the caller's writing transaction."""
    row = _row(connection, sha256(token.encode()))
    if row is not None:
        content = _sealed(workspace, row, replace(_opened(workspace, row), notes=notes))
        mine = tables.sessions.c.token_sha256 == row["token_sha256"]
        connection.execute(update(tables.sessions).where(mine).values(content=content))


def end(connection: Connection, token: str) -> bool:
    """End one session, in the caller's writing transaction; whether it had not ended yet."""
    mine = tables.sessions.c.token_sha256 == sha256(token.encode())
    return bool(connection.execute(delete(tables.sessions).where(mine)).rowcount)


def sign_out(workspace: Workspace, token: str) -> None:
    """End the session of this token, if it holds, and log it."""
    session = find(workspace, token)
    if session is None:
        return
    with workspace.writing() as connection:
        end(connection, token)
        append(connection, actor=session.account, kind=Kind.SIGNED_OUT, subject=session.account, body={"sessions": 1})


def sessions_of(workspace: Workspace, account: str) -> list[Session]:
    """The sessions of an account in which it is signed in, the one used last first."""
    with workspace.reading() as connection:
        mine = select(tables.sessions).where(tables.sessions.c.account == account)
        found = [_opened(workspace, dict(row)) for row in connection.execute(mine).mappings()]
        held = [one for one in found if one.stage is Stage.WHOLE and _holds(workspace, connection, one)]
    return sorted(held, key=lambda one: one.seen_at, reverse=True)


def end_of_account(workspace: Workspace, account: str, *, only: str | None = None, but: str | None = None) -> int:
    """`end_many` in a transaction of its own."""
    with workspace.writing() as connection:
        return end_many(connection, account, only=only, but=but)


def end_many(connection: Connection, account: str, *, only: str | None = None, but: str | None = None) -> int:
    """End sessions of an account, and log it; how many.

    Parameters
    ----------
    connection
        A writing transaction of the workspace.
    account
        Whose sessions, and who ends them.
    only
        Id of the one to end; None for all.
    but
        Id of one that stays.
    """
    table = tables.sessions
    wanted = (table.c.account == account) & (table.c.id != (but or ""))
    if only is not None:
        wanted &= table.c.id == only
    ended = connection.execute(delete(table).where(wanted)).rowcount
    if ended:
        append(connection, actor=account, kind=Kind.SIGNED_OUT, subject=account, body={"sessions": ended})
    return ended


def _holds(workspace: Workspace, connection: Connection, session: Session) -> bool:
    """Whether a session has not ended by the clock, and fits its account as that is now."""
    now, limits = clock.now(), workspace.settings.sign_in
    if session.stage is not Stage.WHOLE:
        in_time = now - session.began_at <= HALFWAY_LIFE
    else:
        in_time = now - session.began_at <= timedelta(hours=limits.session_hours)
    if not in_time or now - session.seen_at > timedelta(minutes=limits.idle_minutes):
        return False
    if session.account == OF_WHOEVER:
        return session.stage is Stage.ELSEWHERE
    row = account_row(connection, session.account)
    return row is not None and row["state"] == AccountState.ACTIVE.value and _binding(row) == session.bound_to


def binding_of(connection: Connection, account: str) -> str:
    """Digest of what of an account ends its sessions and tokens when it changes."""
    return _binding(account_row(connection, account))


def _binding(row: Row | None) -> str:
    return "" if row is None else sha256_json([row["name"], row["role"], row["password_hash"]])


def _row(connection: Connection, digest: str) -> Row | None:
    found = connection.execute(select(tables.sessions).where(tables.sessions.c.token_sha256 == digest)).one_or_none()
    return None if found is None else dict(found._mapping)


def _sealed(workspace: Workspace, row: Row, session: Session) -> str:
    content = {
        "account": session.account,
        "stage": session.stage.value,
        "began_at": session.began_at.isoformat(),
        "address": session.address,
        "browser": session.browser,
        "bound_to": session.bound_to,
        "notes": dict(session.notes),
    }
    return workspace.custody.seal(f"session/{row['token_sha256']}", canonical_json(content), DataClass.PSEUDONYMOUS)


def _opened(workspace: Workspace, row: Row) -> Session:
    name = f"session/{row['token_sha256']}"
    content = json.loads(workspace.custody.unseal(name, str(row["content"]), DataClass.PSEUDONYMOUS))
    return Session(
        id=str(row["id"]),
        account=content["account"],
        stage=Stage(content["stage"]),
        began_at=datetime.fromisoformat(content["began_at"]),
        seen_at=datetime.fromisoformat(str(row["seen_at"])),
        address=content["address"],
        browser=content["browser"],
        bound_to=content["bound_to"],
        notes=content["notes"],
    )
