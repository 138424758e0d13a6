"""What was written in a case, step by step, shown only after the look at it is in the log; and a child's cases."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from governance.access import Actor, allowed, require
from governance.case_state import CaseStep, Disagreement
from governance.case_steps import last_row
from governance.cases import Case, all_cases, disagreed_rows, of_row, opened, trusted_steps
from governance.policy import Action, Scope
from governance.views import log_view
from governance.workspace import Workspace

NO_RUN = "cases"
"""What a look is of where the case was opened from no run."""


@dataclass(frozen=True)
class Passage:
    """One step of a case: the case as it stood after it, and what was written at it."""

    case: Case
    step: CaseStep | None  # None: the opening
    actor: str
    at: str
    written: Mapping[str, object]


def history(workspace: Workspace, case_id: str, *, actor: Actor) -> list[Passage]:
    """Every step of a case with what was written, in order; that `actor` looks is logged before anything is opened.

    Raises
    ------
    WorkspaceError
        There is no such case, or the log cannot be written.
    RefusalError
        `actor` may not work on the case.
    IntegrityError
        A row was edited, added or removed outside the system.
    """
    with workspace.reading() as connection:
        case = of_row(workspace, last_row(connection, case_id))
        rows = trusted_steps(connection, case_id)
    require(workspace, actor, Action.WORK_CASE, person_id=case.person_id)
    log_view(workspace, actor, "case", run_id=case.run or NO_RUN, person_id=case.person_id, body={"rows": len(rows)})
    return [
        Passage(
            case=(after := of_row(workspace, row)),
            step=after.last_step,
            actor=after.last_actor,
            at=after.changed_at,
            written={} if row["content"] is None else opened(workspace, row, "content"),
        )
        for row in rows
    ]


def of_person(workspace: Workspace, person_id: str, *, actor: Actor) -> list[Case]:
    """The cases of a child, in the order of opening. Errors as of `history`."""
    require(workspace, actor, Action.WORK_CASE, person_id=person_id)
    return [one for one in all_cases(workspace) if one.person_id == person_id]


def team_cases(workspace: Workspace, *, actor: Actor) -> list[Case]:
    """Every case that `actor` may know of, without what was written: all where it may assign, else its own.

    Errors as of `history`.
    """
    if allowed(workspace, actor, Action.ASSIGN_CASE):
        return all_cases(workspace)
    reach = require(workspace, actor, Action.WORK_CASE)
    return [one for one in all_cases(workspace) if reach is Scope.ALL or one.assigned_to == actor.name]


def disagreements(workspace: Workspace, *, actor: Actor) -> Counter[tuple[str, Disagreement]]:
    """How often the team disagreed with flags of each kind, by reason; cases that were erased count no more.

    Errors as of `history`, and where the key of identities is not there.
    """
    require(workspace, actor, Action.ASSIGN_CASE)
    found = [opened(workspace, row, "content") for row in disagreed_rows(workspace) if row["content"] is not None]
    return Counter((str(one["kind"]), Disagreement(one["why"])) for one in found)
