"""Who acts: the user of the operating system, or an account that proves itself with its password."""

import getpass
import os
import sys
from typing import TYPE_CHECKING

from vocabulary.errors import RefusalError, UsageError
from vocabulary.texts import text

if TYPE_CHECKING:
    from governance.workspace import Workspace

PASSWORD_VARIABLE = "MIMAMORI_PASSWORD"  # noqa: S105 - the name of a variable


def acting(workspace: "Workspace", account: str | None) -> str:
    """The actor for the log: the account named with `--as`, once its password is right; else the system's user."""
    from governance import accounts
    from governance.workspace import current_user

    if account is None:
        return current_user()
    if accounts.authenticate(workspace, account, _password(account)) is None:
        raise RefusalError("cli.wrong_password", name=account)
    return account


def new_password(account: str) -> str:
    """The password to be set for `account`."""
    return _password(account)


def _password(account: str) -> str:
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise UsageError("cli.password_needed", name=account)
    return getpass.getpass(text("cli.password_prompt", name=account) + ": ")
