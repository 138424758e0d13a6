"""The second factor: codes that change every half minute (RFC 6238), of an application on the owner's telephone.

The secret lies encrypted, and its row is bound to the log, so that nobody exchanges or removes one unnoticed. A code is
taken within one step of drift, and never twice: only codes of later steps than the last one are taken. A new
invitation of the account ends its second factor, which is then set anew: what somebody needs whose telephone is lost.
"""

import hmac
import unicodedata

import pyotp
from sqlalchemy import Connection, insert, select, update

from governance import clock, tables
from governance.custody import DataClass
from governance.records import change, trusted_row
from governance.runlog import Kind, entries
from governance.workspace import Workspace

KINDS = (Kind.SECOND_FACTOR_SET,)
STEP_SECONDS = 30
DRIFT = 1
"""Steps by which the telephone's clock may be early or late."""

SECRET_LENGTH = 32
"""Characters of base 32: 160 bits, as RFC 4226 recommends."""

ISSUER = "Mimamori"
"""What the application on the telephone shows beside the account."""


def new_secret() -> str:
    """A secret, in base 32."""
    return pyotp.random_base32(SECRET_LENGTH)


def enrolment_address(account: str, secret: str) -> str:
    """The address `otpauth://` that an application on a telephone reads as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)


def is_set(connection: Connection, account: str) -> bool:
    """Whether `account` has a second factor that holds.

    Raises
    ------
    IntegrityError
        Its row was edited, added or removed outside the system.
    """
    if trusted_row(connection, tables.second_factors, KINDS, account) is None:
        return False
    set_at = max(entry.seq for entry in entries(connection, kinds=KINDS, subject=account))
    ended = entries(connection, kinds=[Kind.ACCOUNT_INVITED, Kind.ACCOUNT_DISABLED], subject=account, since=set_at)
    return not ended


def take(workspace: Workspace, connection: Connection, account: str, code: str) -> bool:
    """Whether this is a code of the account's second factor that was not taken yet; it is taken then.

    In the caller's writing transaction, so of two at once one is refused.
    """
    row = trusted_row(connection, tables.second_factors, KINDS, account)
    if row is None or not is_set(connection, account):
        return False
    secret = workspace.custody.unseal(f"second_factor/{account}", str(row["secret"]), DataClass.PSEUDONYMOUS).decode()
    return _spend(connection, account, secret, code)


def enrol(workspace: Workspace, connection: Connection, account: str, secret: str, code: str) -> bool:
    """Set the second factor, once a code shows that the telephone has the secret; whether it does."""
    if step_of(secret, code) is None:
        return False
    sealed = workspace.custody.seal(f"second_factor/{account}", secret.encode(), DataClass.PSEUDONYMOUS)
    row: dict[str, object] = {"account": account, "set_at": clock.now().isoformat(), "secret": sealed}
    change(connection, tables.second_factors, row, actor=account, kind=Kind.SECOND_FACTOR_SET, body={})
    return _spend(connection, account, secret, code, anew=True)


def step_of(secret: str, code: str) -> int | None:
    """The step whose code this is, if it is one of those of about now; each is compared, in constant time."""
    given = "".join(unicodedata.normalize("NFKC", code).split()).encode()
    now = int(clock.now().timestamp()) // STEP_SECONDS
    codes = pyotp.TOTP(secret)
    steps = range(now - DRIFT, now + DRIFT + 1)
    fitting = [step for step in steps if hmac.compare_digest(codes.generate_otp(step).encode(), given)]
    return max(fitting, default=None)


def _spend(connection: Connection, account: str, secret: str, code: str, *, anew: bool = False) -> bool:
    """Write down the step of a code, if it is later than the last."""
    table = tables.spent_codes
    step = step_of(secret, code)
    last = connection.execute(select(table.c.step).where(table.c.account == account)).scalar_one_or_none()
    if step is None or (last is not None and step <= last and not anew):
        return False
    mine = update(table).where(table.c.account == account).values(step=step)
    if not connection.execute(mine).rowcount:
        connection.execute(insert(table).values(account=account, step=step))
    return True
