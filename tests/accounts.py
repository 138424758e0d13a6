"""Accounts for tests, made the way a city makes them: an administrator asks, the council confirms."""

from collections.abc import Mapping, Sequence

from governance import accounts
from governance.account_roles import confirm
from governance.account_state import Role
from governance.workspace import Workspace

ADMINISTRATOR, COUNCIL = "kanri", "kansa"
"""Accounts that are there once `enter` was called."""

PASSWORD = "correct horse battery"


def enter(
    workspace: Workspace,
    people: Mapping[str, Role],
    *,
    schools: Mapping[str, Sequence[str]] | None = None,
    password: str = PASSWORD,
) -> None:
    """Make active accounts of these names and roles; a school's is of the schools named, else of `S01`."""
    with workspace.reading() as connection:
        first = not accounts.accounts_in_use(connection)
    if first:
        founders = {ADMINISTRATOR: Role.ADMINISTRATOR, COUNCIL: Role.COUNCIL}
        invited = {name: accounts.add(workspace, name, role, actor="os:operator") for name, role in founders.items()}
        for name, invitation in invited.items():
            accounts.set_password(workspace, name, str(invitation.token), password)
    for name, role in people.items():
        codes = (schools or {}).get(name, ["S01"]) if role is Role.SCHOOL else ()
        invitation = accounts.add(workspace, name, role, actor=ADMINISTRATOR, schools=codes)
        if invitation.token is None:
            invitation = confirm(workspace, name, actor=COUNCIL)
        accounts.set_password(workspace, name, str(invitation.token), password)
