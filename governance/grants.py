"""Grants of emergency access: rows bound to the log, whose child and reasons lie sealed.

A grant is of one account and one child, and ends by the clock. `governance.break_glass` gives and reviews them.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from governance import tables
from governance.digest import canonical_json
from governance.records import Row, trusted_row, trusted_rows
from governance.runlog import Kind
from governance.workspace import Workspace

KINDS = (Kind.BREAK_GLASS,)


class GrantState(StrEnum):
    """Where a grant stands with those who review it. That it has ended is said by its time alone."""

    GRANTED = "granted"  # waits for a review
    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not_justified"


@dataclass(frozen=True)
class Grant:
    """A grant as it stands. `person_id` and the reasons are of the class of identities."""

    id: str
    state: GrantState
    account: str
    person_id: str
    granted_at: datetime
    until: datetime
    reason: str
    reviewed_by: str | None
    review_reason: str | None

    def is_open(self) -> bool:
        """Whether it holds now, by the machine's clock."""
        return self.granted_at <= datetime.now(UTC) < self.until


def list_grants(workspace: Workspace) -> list[Grant]:
    """Every grant, in the order in which they were given.

    Raises
    ------
    IntegrityError
        A row was edited, added or removed outside the system.
    """
    with workspace.reading() as connection:
        rows = trusted_rows(connection, tables.grants, KINDS)
    return [grant(workspace, row) for row in rows]


def granted_to(workspace: Workspace, account: str) -> frozenset[str]:
    """Ids of the children whom `account` may reach by emergency access now. Errors as of `list_grants`."""
    with workspace.reading() as connection:
        ids = connection.execute(select(tables.grants.c.id).where(tables.grants.c.account == account)).scalars().all()
        rows = [row for one in ids if (row := grant_row(connection, one)) is not None]
    found = [grant(workspace, row) for row in rows]
    return frozenset(one.person_id for one in found if one.is_open() and one.state is not GrantState.NOT_JUSTIFIED)


def grant_row(connection: Connection, grant_id: str) -> Row | None:
    """The row of a grant, compared with the log; None where there is none."""
    return trusted_row(connection, tables.grants, KINDS, grant_id)


def sealed(workspace: Workspace, row: Row, person_id: str, reason: str, review_reason: str | None) -> str:
    """What a grant's row holds of the child and of the reasons."""
    content = {"person": person_id, "reason": reason, "review_reason": review_reason}
    return workspace.custody.seal(f"grant/{row['id']}", canonical_json(content))


def grant(workspace: Workspace, row: Row) -> Grant:
    """The grant that stands in a row."""
    content = json.loads(workspace.custody.unseal(f"grant/{row['id']}", str(row["content"])))
    return Grant(
        id=str(row["id"]),
        state=GrantState(str(row["state"])),
        account=str(row["account"]),
        person_id=content["person"],
        granted_at=datetime.fromisoformat(str(row["granted_at"])),
        until=datetime.fromisoformat(str(row["until"])),
        reason=content["reason"],
        reviewed_by=None if row["reviewed_by"] is None else str(row["reviewed_by"]),
        review_reason=content["review_reason"],
    )
