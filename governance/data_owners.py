"""Who answers for each source: the account of the department that owns its records, and countersigns their use."""

from sqlalchemy import Connection, select

from governance import tables
from governance.account_state import Role
from governance.accounts import active_account, require_account
from governance.policy import Action, roles_with
from governance.records import Row, change, trusted_row
from governance.runlog import Kind
from governance.workspace import Workspace
from vocabulary.errors import ApprovalError

KINDS = (Kind.DATA_OWNER_SET,)

MAY_NAME = roles_with(Action.NAME_DATA_OWNER)
"""Roles that may name an owner: not the operator, who asks for the approvals that owners countersign."""


def set_owner(workspace: Workspace, source: str, account: str, *, actor: str) -> None:
    """Say which account answers for a source, from now on.

    Raises
    ------
    ApprovalError
        `account` is not active or of another role than `data_owner`, or `actor` is of no role in `MAY_NAME`.
    WorkspaceError
        `actor` has to be an active account.
    """
    with workspace.writing() as connection:
        require_account(connection, actor)
        named, naming = active_account(connection, account), active_account(connection, actor)
        if named is None or named.role is not Role.DATA_OWNER:
            raise ApprovalError("approval.not_a_data_owner", source=source, account=account)
        if naming is None or naming.role not in MAY_NAME:
            raise ApprovalError("approval.role_not_naming", source=source, actor=actor, roles=", ".join(MAY_NAME))
        row: Row = {"source": source, "account": account}
        change(connection, tables.data_owners, row, actor=actor, kind=Kind.DATA_OWNER_SET, body={"account": account})


def owner_of(connection: Connection, source: str) -> str | None:
    """The account that answers for a source; None where none was named.

    Raises
    ------
    IntegrityError
        The row was edited outside the system.
    """
    row = trusted_row(connection, tables.data_owners, KINDS, source)
    return None if row is None else str(row["account"])


def owners(workspace: Workspace) -> dict[str, str]:
    """Every source that has an owner, and its account."""
    with workspace.reading() as connection:
        named = connection.execute(select(tables.data_owners.c.source).order_by(tables.data_owners.c.source)).scalars()
        return {source: str(owner_of(connection, source)) for source in named}
