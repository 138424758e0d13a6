"""What the pages of cases share: who may ask, what is said after a step, and the entry of a look without words."""

from typing import Annotated

from fastapi import Depends, HTTPException, Request

from api.frame.pages import language_of
from api.frame.permission import needs
from governance.access import Actor, scope_of
from governance.case_history import NO_RUN
from governance.case_state import CaseStep
from governance.cases import Case, find
from governance.policy import Action, Scope
from governance.views import log_view
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError
from vocabulary.texts import text

Worker = Annotated[Actor, Depends(needs(Action.WORK_CASE))]
Assigning = Annotated[Actor, Depends(needs(Action.ASSIGN_CASE))]

NO_FORM = {CaseStep.RENUMBER}
"""Steps that nobody takes on a page."""


def found(workspace: Workspace, case_id: str) -> Case:
    """The case of an address; 404 where there is none."""
    try:
        return find(workspace, case_id)
    except WorkspaceError as error:
        if error.key != "case.absent":
            raise
        raise HTTPException(404) from None


def done_words(request: Request, step: str) -> str:
    """What is said after a step was taken; nothing where the address names none."""
    return text(f"case.done_{step}", language=language_of(request)) if step in {*CaseStep} - NO_FORM else ""


def log_look(workspace: Workspace, actor: Actor, page: str, rows: int) -> None:
    """Log that `actor` is about to be shown cases without their words."""
    log_view(workspace, actor, page, run_id=NO_RUN, body={"rows": rows})


def may_assign(actor: Actor) -> bool:
    """Whether `actor` sees the team's cases."""
    return scope_of(actor, Action.ASSIGN_CASE) is not Scope.NONE
