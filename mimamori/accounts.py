"""Who acts: the user of the operating system, or an account that proves itself with its password."""

import getpass
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from vocabulary.errors import RefusalError, UsageError
from vocabulary.texts import text

if TYPE_CHECKING:
    from governance.access import Actor
    from governance.actions import Action
    from governance.workspace import Workspace

PASSWORD_VARIABLE = "MIMAMORI_PASSWORD"  # noqa: S105 - the name of a variable


def acting(workspace: "Workspace", account: str | None, action: "Action") -> str:
    """The actor for the log, to whom the policy grants `action` in some scope; else the refusal is logged.

    The account named with `--as`, once its password is right; the system's user as long as no account was active.
    """
    return acting_as(workspace, account, action).name


def acting_as(
    workspace: "Workspace",
    account: str | None,
    action: "Action",
    *,
    person_id: str | None = None,
    source: str | None = None,
) -> "Actor":
    """As `acting`, with role, schools and sources, where what is shown is to be narrowed to them.

    A child or a source that is named has to lie within the scope.
    """
    from governance import access

    found = access.actor(workspace, authenticated(workspace, account))
    access.require(workspace, found, action, person_id=person_id, source=source)
    return found


def opened_for(folder: Path, account: str | None, action: "Action") -> "Workspace":
    """The workspace in `folder`, opened for what only shows; refused as by `acting`."""
    from governance.workspace import Workspace

    opened = Workspace.open(folder)
    acting(opened, account, action)
    return opened


def authenticated(workspace: "Workspace", account: str | None) -> str:
    """The name of the account, once its password is right; the user of the operating system where none is named."""
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
