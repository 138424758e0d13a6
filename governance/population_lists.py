"""Lists of numbers that populations of approvals name by their digest, kept encrypted under the key of identities."""

import polars as pl
from sqlalchemy import Connection, insert, select

from governance.approval import Approval
from governance.population import parse_listed
from governance.tables import population_lists
from governance.workspace import Workspace
from vocabulary.errors import ApprovalError, IntegrityError


def keep_list(
    workspace: Workspace, connection: Connection, approval: Approval, listed: bytes | None, *, file: str
) -> None:
    """Keep the list that an approval names, in the transaction that registers it.

    Raises
    ------
    ApprovalError
        The list is missing, not asked for, another than the one named, or no table of numbers.
    """
    digest = approval.population.listed if approval.population else None
    if (digest is None) != (listed is None):
        raise ApprovalError("approval.list_missing" if listed is None else "approval.list_not_named", file=file)
    if digest is None or listed is None:
        return
    parse_listed(listed, file=file, expected=digest)
    if _sealed(connection, digest) is None:
        sealed = workspace.custody.seal(_name(digest), listed)
        connection.execute(insert(population_lists).values(sha256=digest, content=sealed))


def read_list(workspace: Workspace, approval: Approval) -> pl.DataFrame | None:
    """The list an approval's population names: columns `governance.population.LISTED`; None where it names none.

    Raises
    ------
    IntegrityError
        It was removed or exchanged outside the system.
    """
    digest = approval.population.listed if approval.population else None
    if digest is None:
        return None
    with workspace.reading() as connection:
        sealed = _sealed(connection, digest)
    if sealed is None:
        raise IntegrityError("custody.sealed_replaced", name=_name(digest))
    return parse_listed(workspace.custody.unseal(_name(digest), sealed), file=digest, expected=digest)


def _sealed(connection: Connection, digest: str) -> str | None:
    return connection.execute(select(population_lists.c.content).where(population_lists.c.sha256 == digest)).scalar()


def _name(digest: str) -> str:
    return f"population/{digest}"
