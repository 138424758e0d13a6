"""How often signing in may be tried: counted in the database, so that every process of the dashboard counts together.

Tries are counted before the password is compared, so many at once are no way round, and given back when it was right.
One that could not be compared at all is taken out again.
After a number of failures without wait, each next try waits twice as long as the one before, up to a longest wait:

    account from one address   few, then up to a quarter of an hour
    account, from anywhere     more, then up to a minute: somebody who tries from many addresses is slowed down
    address, any account       more, then up to a minute

A browser in which the account signed in before holds a token of its own, and is counted by itself alone: nobody else's
failures keep it out (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). Names that no account has are
counted like the others, so that the waits do not tell which there are.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from sqlalchemy import Connection, delete, insert, select, update

from governance import clock, tables
from governance.digest import sha256, sha256_json
from vocabulary.errors import RefusalError

FORGOTTEN = timedelta(hours=1)
"""After so long without a failure, failures count no longer."""

BROWSER_LIFE = timedelta(days=90)
"""How long a browser is known after signing in."""

KNOWN_BROWSERS = 10
"""How many are kept of an account, the latest ones."""


class Counted(StrEnum):
    """By what failures are counted."""

    PAIR = "pair"  # an account from one address
    BROWSER = "browser"  # a known browser of an account
    ACCOUNT = "account"
    ADDRESS = "address"


@dataclass(frozen=True)
class Limit:
    """Failures without a wait, the first wait, and the longest."""

    free: int
    first: timedelta
    longest: timedelta


LIMITS = {
    Counted.PAIR: Limit(5, timedelta(seconds=30), timedelta(minutes=15)),
    Counted.BROWSER: Limit(5, timedelta(seconds=30), timedelta(minutes=15)),
    Counted.ACCOUNT: Limit(20, timedelta(seconds=5), timedelta(minutes=1)),
    Counted.ADDRESS: Limit(50, timedelta(seconds=5), timedelta(minutes=1)),
}


@dataclass(frozen=True)
class Visitor:
    """Who tries, as far as a request tells it."""

    address: str
    browser: str = ""  # what it calls itself
    known_by: str | None = None  # token that it got when the account signed in before


@dataclass(frozen=True)
class Try:
    """A try that was counted: under which keys, and which of them have to wait from now on if it fails."""

    keys: dict[Counted, str]
    reached: tuple[Counted, ...]
    at: str = ""
    before: dict[str, str] = field(default_factory=dict)  # by key, when the last failure was


def count(connection: Connection, account: str, visitor: Visitor) -> Try:
    """Count a try as a failure, in the caller's writing transaction; `give_back` takes that back.

    Raises
    ------
    RefusalError
        Too early: `seconds` says how long to wait. Nothing was counted.
    """
    now = clock.now()
    keys = _keys(connection, account, visitor)
    failures = {key: _failures(connection, key, now) for key in keys.values()}
    wait = max(_wait(LIMITS[counted], *failures[key], now) for counted, key in keys.items())
    if wait > timedelta():
        raise RefusalError("sign_in.wait", seconds=ceil(wait.total_seconds()))
    _forget(connection, now)
    for key, (before, _) in failures.items():
        _put(connection, key, before + 1, now)
    reached = tuple(counted for counted, key in keys.items() if failures[key][0] + 1 == LIMITS[counted].free)
    return Try(keys, reached, now.isoformat(), {key: last.isoformat() for key, (_, last) in failures.items()})


def take_out(connection: Connection, tried: Try) -> None:
    """The try was not compared: it counts as none, and moves no wait, unless another was counted since."""
    table = tables.sign_in_tries
    for key, last_at in tried.before.items():
        mine = table.c.key == key
        connection.execute(update(table).where(mine, table.c.last_at == tried.at).values(last_at=last_at))
        connection.execute(update(table).where(mine, table.c.failures > 0).values(failures=table.c.failures - 1))


def give_back(connection: Connection, tried: Try) -> None:
    """The try was right: the account's failures from here are forgotten, those from elsewhere stay."""
    table = tables.sign_in_tries
    for counted, key in tried.keys.items():
        mine = table.c.key == key
        if counted in (Counted.PAIR, Counted.BROWSER):
            connection.execute(delete(table).where(mine))
        else:
            connection.execute(update(table).where(mine, table.c.failures > 0).values(failures=table.c.failures - 1))


def know_browser(connection: Connection, account: str) -> str:
    """A token by which a browser of `account` is known from now on."""
    token = secrets.token_urlsafe(32)
    table = tables.known_browsers
    row = {"token_sha256": sha256(token.encode()), "account": account, "since": clock.now().isoformat()}
    connection.execute(insert(table).values(row))
    latest = select(table.c.token_sha256).where(table.c.account == account).order_by(table.c.since.desc())
    kept = connection.execute(latest.limit(KNOWN_BROWSERS)).scalars().all()
    connection.execute(delete(table).where(table.c.account == account, table.c.token_sha256.not_in(kept)))
    return token


def is_known(connection: Connection, account: str, token: str | None) -> bool:
    """Whether a browser signed in to `account` before."""
    if not token:
        return False
    table = tables.known_browsers
    mine = (table.c.token_sha256 == sha256(token.encode())) & (table.c.account == account)
    since = connection.execute(select(table.c.since).where(mine)).scalar_one_or_none()
    return since is not None and clock.now() - datetime.fromisoformat(since) < BROWSER_LIFE


def _keys(connection: Connection, account: str, visitor: Visitor) -> dict[Counted, str]:
    def key(counted: Counted, *parts: str) -> str:
        return sha256_json([counted.value, *parts])

    if visitor.known_by and is_known(connection, account, visitor.known_by):
        return {Counted.BROWSER: key(Counted.BROWSER, account, visitor.known_by)}
    return {
        Counted.PAIR: key(Counted.PAIR, account, visitor.address),
        Counted.ACCOUNT: key(Counted.ACCOUNT, account),
        Counted.ADDRESS: key(Counted.ADDRESS, visitor.address),
    }


def _failures(connection: Connection, key: str, now: datetime) -> tuple[int, datetime]:
    table = tables.sign_in_tries
    row = connection.execute(select(table.c.failures, table.c.last_at).where(table.c.key == key)).one_or_none()
    if row is None or now - (last := datetime.fromisoformat(row.last_at)) > FORGOTTEN:
        return 0, now
    return int(row.failures), last


def _wait(limit: Limit, failures: int, last: datetime, now: datetime) -> timedelta:
    """How long from now until the next try; after the free ones the wait doubles with each."""
    if failures < limit.free:
        return timedelta()
    doubled = min(failures - limit.free, 20)  # beyond the longest wait in any case
    return last + min(limit.first * (1 << doubled), limit.longest) - now


def _put(connection: Connection, key: str, failures: int, now: datetime) -> None:
    table = tables.sign_in_tries
    values = {"failures": failures, "last_at": now.isoformat()}
    if not connection.execute(update(table).where(table.c.key == key).values(values)).rowcount:
        connection.execute(insert(table).values(values | {"key": key}))


def _forget(connection: Connection, now: datetime) -> None:
    table = tables.sign_in_tries
    connection.execute(delete(table).where(table.c.last_at < (now - FORGOTTEN).isoformat()))
