"""Passwords: which are too easily guessed, and how one takes the place of another.

No rule of composition: length, a list of what others have used, and an estimate of how many guesses a password stands,
which knows words, names, dates, keyboard walks and repetitions. Words of this system and the account's own name are
guessed first.
"""

from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher
from sqlalchemy import Connection

from governance.account_rows import account_row, log_change
from governance.runlog import Kind
from vocabulary.errors import WorkspaceError

PASSWORD_LENGTH = 12
"""Fewest characters of a password."""

LONGEST = 256
"""Characters of a password; more would only keep the machine busy."""

ESTIMATED = 32
"""Characters at the beginning that the estimate looks at: of 32 it takes up to half a second, of more longer."""

GOOD = 3
"""The estimate's score from which a password stands guessing: more than 10^8 guesses."""

BESIDE_NAME = 8
"""Fewest characters of a password that are not the account's name."""

OWN_WORDS = ["mimamori", "見守り", "kodomo", "shien", "support", "password"]


def refuse_weak(name: str, password: str) -> None:
    """Refuse a password that is short, common, like the account's name, or easily guessed.

    Raises
    ------
    WorkspaceError
        It is one of these; the text says which.
    """
    if len(password) < PASSWORD_LENGTH:
        raise WorkspaceError("account.password_short", length=PASSWORD_LENGTH)
    if len(password) > LONGEST:
        raise WorkspaceError("sign_in.password_long", length=LONGEST)
    lowered = password.casefold()
    beside_name = lowered.replace(name.casefold(), "") if name else lowered
    if lowered in common() or len(beside_name) < BESIDE_NAME:
        raise WorkspaceError("sign_in.password_common")
    from zxcvbn import zxcvbn  # only here, since its lists take a while to load and every command knows accounts

    if zxcvbn(password[:ESTIMATED], user_inputs=[name, *OWN_WORDS])["score"] < GOOD:
        raise WorkspaceError("sign_in.password_guessable")


def replace(connection: Connection, name: str, made: str) -> None:
    """Put another hash in place of an account's, in the caller's writing transaction; its sessions and tokens end.

    Raises
    ------
    WorkspaceError
        The account has no password any more.
    """
    row = account_row(connection, name)
    if row is None or row["password_hash"] is None:
        raise WorkspaceError("account.absent", name=name)
    row |= {"password_hash": made}
    log_change(connection, row, Kind.ACCOUNT_PASSWORD_SET, name)


def hashed(name: str, password: str) -> str:
    """What is kept of a new password of account `name`: nothing else makes it. Refused as by `refuse_weak`."""
    refuse_weak(name, password)
    return PasswordHasher().hash(password)


@cache
def common() -> frozenset[str]:
    """Passwords of twelve characters and more that many have used."""
    lines = files("governance").joinpath("common_passwords.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
