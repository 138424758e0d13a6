"""Accounts of a demo: one of each role, and two support workers, so that a visitor can try what each may do.

They are made as in a city, without passwords: each has a one-time token, printed once. The operator's account waits for
a second person, since its role is one that two give: the administrator or the council confirms it on the page of the
accounts, and is shown its token then.
"""

from typing import TYPE_CHECKING

import polars as pl

from governance import accounts
from governance.account_state import Role
from governance.accounts import Invitation
from governance.runs import read_artefact
from governance.workspace import current_user

if TYPE_CHECKING:
    from governance.workspace import Workspace

ROLES = {
    "admin": Role.ADMINISTRATOR,  # the first account has to be one
    "support-1": Role.SUPPORT_WORKER,
    "support-2": Role.SUPPORT_WORKER,
    "school": Role.SCHOOL,
    "analyst": Role.ANALYST,
    "owner": Role.DATA_OWNER,
    "council": Role.COUNCIL,
    "operator": Role.OPERATOR,
}
"""Name and role of each."""


def make(workspace: "Workspace", run_id: str) -> list[Invitation]:
    """Make the accounts; the school's is of the school that has the most children."""
    schools = {Role.SCHOOL: [largest_school(workspace, run_id)]}
    actor = current_user()
    return [
        accounts.add(workspace, name, role, actor=actor, schools=schools.get(role, ())) for name, role in ROLES.items()
    ]


def largest_school(workspace: "Workspace", run_id: str) -> str:
    """Code of the school that has the most children of a run."""
    codes = read_artefact(workspace, run_id, "timeline", ["date", "item", "value"]).filter(
        pl.col("item") == "school_code"
    )
    latest = codes.filter(pl.col("date") == pl.col("date").max())
    return str(latest["value"].value_counts(sort=True)["value"][0])
