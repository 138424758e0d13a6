"""A child's cases as the child's page shows them: `{% include "case_panel.html" %}` with `panel` from here."""

from dataclasses import dataclass

from api.frame.times import local_time
from governance.access import Actor, allowed
from governance.case_history import of_person
from governance.cases import Case
from governance.policy import Action
from governance.workspace import Workspace


@dataclass(frozen=True)
class CasePanel:
    """What the part shows: the open cases first, and whether the reader may open one."""

    person_id: str
    year: int | None  # of which a case would be opened
    cases: list[Case]
    may_take: bool

    @staticmethod
    def time(at: str) -> str:
        """A time as pages tell it."""
        return local_time(at)


def case_panel(workspace: Workspace, person_id: str, year: int | None, *, actor: Actor) -> CasePanel | None:
    """The part of a child's page that tells of its cases, without their words; None for who has no part in cases.

    Parameters
    ----------
    workspace
        An open workspace.
    person_id
        The child.
    year
        Fiscal year that the page shows, of which a case would be opened; None where there is none.
    actor
        Who looks; the caller has logged the view.
    """
    if not allowed(workspace, actor, Action.WORK_CASE, person_id=person_id):
        return None
    cases = sorted(of_person(workspace, person_id, actor=actor), key=lambda one: (not one.is_open, one.opened_at))
    assigns = allowed(workspace, actor, Action.ASSIGN_CASE, person_id=person_id)
    return CasePanel(person_id, year, cases, assigns and year is not None and not any(one.is_open for one in cases))
