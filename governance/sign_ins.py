"""Signing in, step by step: password or provider, then the second factor, then a session; and what of it is logged.

A session that has come half the way shows nothing; with the second factor it ends and a new one begins, under another
token. Every signing in is an entry of the run log. Failures are counted for each account and logged together, one
entry of an account in ten minutes and one when waiting begins, so that a flood of them does not flood the log.
What was typed as a name that no account has is not kept: it may be a password.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from governance import clock, passwords, second_factors, sessions, store, tables
from governance.account_rows import account_row
from governance.accounts import active_account, authenticate, set_password
from governance.runlog import Kind, append
from governance.sessions import Session, Stage
from governance.sign_in_tries import Counted, Try, Visitor, count, give_back, is_known, know_browser, take_out
from governance.workspace import Workspace
from vocabulary.errors import RefusalError, WorkspaceError

LOGGED_EVERY = timedelta(minutes=10)
"""How often at most the failures of an account are logged."""

HASHING = threading.BoundedSemaphore(4)
"""Passwords compared at once: each takes 64 MB for a moment."""

HASHING_WAIT = 10
"""Seconds to wait for that before somebody is told to try again."""

SECRET, WAY = "secret", "way"
"""Notes of a session: a second factor that is being set, and by what the first step was taken."""


@dataclass(frozen=True)
class SignedIn:
    """A session that has come the whole way, and the token by which this browser is known from now on."""

    token: str
    account: str
    browser_token: str | None  # None where it is known already


def by_password(workspace: Workspace, name: str, password: str, visitor: Visitor) -> str | None:
    """The token of a session that still needs the second factor; None where name and password do not fit.

    Raises
    ------
    RefusalError
        Tried too often; `seconds` says how long to wait.
    IntegrityError
        The account's row was edited outside the system.
    """
    with workspace.writing() as connection:
        tried = count(connection, name, visitor)
    with _one_of_few(workspace, tried):
        account = authenticate(workspace, name, password)
    with workspace.writing() as connection:
        if account is None:
            _failed(connection, name, visitor, tried)
            return None
        give_back(connection, tried)
        return _halfway(workspace, connection, account.name, visitor, way="password")


def by_provider(
    workspace: Workspace, name: str, visitor: Visitor, *, with_second_factor: bool
) -> SignedIn | str | None:
    """After a provider has said who it is; None where no active account has the name.

    Signed in where the provider stood for the second factor too, else the token of half the way.
    """
    with workspace.writing() as connection:
        if active_account(connection, name) is None:
            _failed(connection, name, visitor, Try({}, ()))
            return None
        if with_second_factor:
            return _whole(workspace, connection, name, visitor, way="oidc")
        return _halfway(workspace, connection, name, visitor, way="oidc")


def refused_elsewhere(workspace: Workspace, visitor: Visitor) -> None:
    """Count a failure of somebody who came back from the provider without having been named by it."""
    with workspace.writing() as connection:
        _failed(connection, "", visitor, Try({}, ()))


def leave_for_provider(workspace: Workspace, visitor: Visitor, notes: Mapping[str, str]) -> str:
    """The token of a session that waits until somebody comes back from the provider."""
    with store.writing(workspace.engine) as connection:
        return _begin(workspace, connection, sessions.OF_WHOEVER, Stage.ELSEWHERE, visitor, notes)


def back_from_provider(workspace: Workspace, token: str | None) -> Mapping[str, str] | None:
    """What was noted when this browser left; once only, since that session ends by it."""
    session = sessions.find(workspace, token, stage=Stage.ELSEWHERE)
    if session is None or token is None:
        return None
    with store.writing(workspace.engine) as connection:
        return session.notes if sessions.end(connection, token) else None


def by_code(workspace: Workspace, token: str, code: str, visitor: Visitor) -> SignedIn | None:
    """The whole way, by a code of the second factor; where none is set yet, by one of that which is being set.

    Raises
    ------
    RefusalError
        Tried too often; `seconds` says how long to wait.
    WorkspaceError
        The token's session has ended, so that the password is to be given again.
    """
    session = halfway(workspace, token)
    with workspace.writing() as connection:
        tried = count(connection, session.account, visitor)
        if not _code_fits(workspace, connection, session, code):
            _failed(connection, session.account, visitor, tried)
            return None
        give_back(connection, tried)
        if not sessions.end(connection, token):
            raise WorkspaceError("sign_in.halfway_ended")
        return _whole(workspace, connection, session.account, visitor, way=session.notes[WAY])


def halfway(workspace: Workspace, token: str | None) -> Session:
    """The session of half the way.

    Raises
    ------
    WorkspaceError
        It has ended, or there was none.
    """
    session = sessions.find(workspace, token, stage=Stage.HALFWAY)
    if session is None:
        raise WorkspaceError("sign_in.halfway_ended")
    return session


def secret_to_set(workspace: Workspace, token: str) -> str | None:
    """The secret of the second factor that is to be set on half the way; None where one is set already."""
    session = halfway(workspace, token)
    with workspace.reading() as connection:
        if second_factors.is_set(connection, session.account):
            return None
    secret = session.notes.get(SECRET)
    if secret is None:
        secret = second_factors.new_secret()
        with store.writing(workspace.engine) as connection:
            sessions.note(workspace, connection, token, {**session.notes, SECRET: secret})
    return secret


def confirm_again(workspace: Workspace, session: Session, password: str, code: str, visitor: Visitor) -> bool:
    """Whether who is signed in is still the account's owner: by password and code, counted like signing in.

    Raises
    ------
    RefusalError
        Tried too often.
    """
    with workspace.writing() as connection:
        tried = count(connection, session.account, visitor)
    with _one_of_few(workspace, tried):
        known = authenticate(workspace, session.account, password) is not None
    with workspace.writing() as connection:
        if known and second_factors.take(workspace, connection, session.account, code):
            give_back(connection, tried)
            return True
        _failed(connection, session.account, visitor, tried)
    return False


def set_anew(workspace: Workspace, token: str) -> None:
    """Note a secret that is to follow the second factor, in the session of who has just confirmed who it is."""
    with store.writing(workspace.engine) as connection:
        sessions.note(workspace, connection, token, {SECRET: second_factors.new_secret()})


def replace_second_factor(workspace: Workspace, token: str, session: Session, code: str) -> bool:
    """Set the second factor that was noted, once a code shows that the telephone has it; other sessions end."""
    with workspace.writing() as connection:
        if not second_factors.enrol(workspace, connection, session.account, session.notes[SECRET], code):
            return False
        sessions.note(workspace, connection, token, {})
        sessions.end_many(connection, session.account, but=session.id)
    return True


def set_up(workspace: Workspace, name: str, token: str, password: str, visitor: Visitor) -> None:
    """Set an account's first password by its one-time token; counted like signing in.

    Raises
    ------
    RefusalError
        Tried too often; `seconds` says how long to wait.
    WorkspaceError
        Name and token do not fit, the token has expired, or, of who has the token, the password is refused.
    """
    with workspace.writing() as connection:
        tried = count(connection, name, visitor)
    try:
        with _one_of_few(workspace, tried):
            set_password(workspace, name, token, password)
    except WorkspaceError as refused:
        with workspace.writing() as connection:
            if refused.key == "account.token_refused":
                _failed(connection, name, visitor, tried)
            else:  # a weak password is no try of the token
                take_out(connection, tried)
        raise
    with workspace.writing() as connection:
        give_back(connection, tried)


def change_password(workspace: Workspace, session: Session, old: str, new: str, visitor: Visitor) -> str:
    """Take another password: every session and token of the account ends; the token of a new one for this browser.

    Raises
    ------
    RefusalError
        Tried too often; `seconds` says how long to wait.
    WorkspaceError
        The old one is wrong, or the new one is refused.
    """
    passwords.refuse_weak(session.account, new)  # before the old one is counted
    with workspace.writing() as connection:
        tried = count(connection, session.account, visitor)
    with _one_of_few(workspace, tried):
        known = authenticate(workspace, session.account, old) is not None
        made = passwords.hashed(session.account, new) if known else ""
    with workspace.writing() as connection:
        if known:
            give_back(connection, tried)
            passwords.replace(connection, session.account, made)
            return _begin(workspace, connection, session.account, Stage.WHOLE, visitor)
        _failed(connection, session.account, visitor, tried)
    raise WorkspaceError("sign_in.old_password_wrong")


@contextmanager
def _one_of_few(workspace: Workspace, tried: Try) -> Iterator[None]:
    """Wait until few enough passwords are compared; a try that waits in vain is none."""
    if not HASHING.acquire(timeout=HASHING_WAIT):
        with workspace.writing() as connection:
            take_out(connection, tried)
        raise RefusalError("sign_in.wait", seconds=HASHING_WAIT)
    try:
        yield
    finally:
        HASHING.release()


def _code_fits(workspace: Workspace, connection: Connection, session: Session, code: str) -> bool:
    if second_factors.is_set(connection, session.account):
        return second_factors.take(workspace, connection, session.account, code)
    secret = session.notes.get(SECRET)
    return secret is not None and second_factors.enrol(workspace, connection, session.account, secret, code)


def _begin(
    workspace: Workspace,
    connection: Connection,
    account: str,
    stage: Stage,
    visitor: Visitor,
    notes: Mapping[str, str] | None = None,
) -> str:
    address, browser = visitor.address, visitor.browser
    return sessions.begin(workspace, connection, account, stage, address=address, browser=browser, notes=notes)


def _halfway(workspace: Workspace, connection: Connection, account: str, visitor: Visitor, *, way: str) -> str:
    return _begin(workspace, connection, account, Stage.HALFWAY, visitor, {WAY: way})


def _whole(workspace: Workspace, connection: Connection, account: str, visitor: Visitor, *, way: str) -> SignedIn:
    token = _begin(workspace, connection, account, Stage.WHOLE, visitor)
    body = {"way": way, "address": visitor.address, "failures_before": _take_failures(connection, account)}
    append(connection, actor=account, kind=Kind.SIGNED_IN, subject=account, body=body)
    known = is_known(connection, account, visitor.known_by)
    return SignedIn(token, account, None if known else know_browser(connection, account))


def _failed(connection: Connection, name: str, visitor: Visitor, tried: Try) -> None:
    """Count a failure of an account, or of names that no account has; log it where that is due."""
    account = name if account_row(connection, name) is not None else ""
    now, table = clock.now(), tables.failed_sign_ins
    mine = table.c.account == account
    row = connection.execute(select(table).where(mine)).one_or_none()
    due = row is None or now - datetime.fromisoformat(row.logged_at) >= LOGGED_EVERY
    failures = (0 if row is None else int(row.failures)) + 1
    if row is None:
        connection.execute(insert(table).values(account=account, failures=0, logged_at=now.isoformat()))
    waits = [one for one in tried.reached if account or one is Counted.ADDRESS]
    if not due and not waits:
        connection.execute(update(table).where(mine).values(failures=failures))
        return
    body = {"failures": failures, "waits": [one.value for one in waits], "address": visitor.address}
    append(connection, actor="sign_in", kind=Kind.SIGN_IN_FAILED, subject=account or "unknown", body=body)
    connection.execute(update(table).where(mine).values(failures=0, logged_at=now.isoformat()))


def _take_failures(connection: Connection, account: str) -> int:
    """Failures of an account that the log does not tell of yet; they count as told."""
    table = tables.failed_sign_ins
    mine = table.c.account == account
    failures = connection.execute(select(table.c.failures).where(mine)).scalar_one_or_none()
    connection.execute(delete(table).where(mine))
    return int(failures or 0)
