"""One case: where it stands, what was done, and the forms of what can be done next.

A case's words tell of a child's life, so the look at them is in the log before they are opened. Who may assign cases
but has not this one sees where it stands, without the words.
"""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from api.cases.case_common import NO_FORM, Worker, done_words, found, log_look, may_assign
from api.cases.case_forms import COMES_NEXT, FIELD, StepForm, beside, steps_offered, take_step
from api.children.published import current_if_kept
from api.frame.failures import PageRoute
from api.frame.pages import language_of, render, see
from api.frame.times import local_time
from governance.access import Actor, allowed, require
from governance.case_history import Passage, history, of_person
from governance.case_state import Assessment, CaseStep, CloseReason, Disagreement
from governance.case_work import workers_of
from governance.cases import Case
from governance.policy import Action
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError
from vocabulary.texts import use_language

router = APIRouter(route_class=PageRoute, include_in_schema=False)

LEAVING = (CaseStep.HAND_OVER, CaseStep.CLOSE)
"""Steps after which their worker may open the case no more."""


@router.get("/cases/{case_id}")
def case_page(request: Request, actor: Worker, case_id: str, done: str = "") -> HTMLResponse:
    """One case: where it stands, what was done, and what can be done next."""
    return _case_page(request, actor, case_id, done=done)


@router.post("/cases/{case_id}/{step}", response_model=None)
def step(
    request: Request, actor: Worker, case_id: str, step: CaseStep, form: Annotated[StepForm, Form()]
) -> RedirectResponse | HTMLResponse:
    """Take a step; what is missing or has changed meanwhile is said beside the form, and what was written is kept."""
    if step in NO_FORM:
        raise HTTPException(404)
    workspace: Workspace = request.app.state.workspace
    use_language(language_of(request))
    try:
        after = take_step(workspace, found(workspace, case_id).id, step, form, actor=actor)
    except WorkspaceError as error:
        if not error.key.startswith("case."):
            raise
        status = 422 if error.key in FIELD else 409
        return _case_page(request, actor, case_id, asked=step, form=form, error=error, status=status)
    if step in LEAVING or after.assigned_to != actor.name:
        return see(f"/cases?done={step}")
    return see(f"/cases/{case_id}?done={step}")


def _case_page(
    request: Request,
    actor: Actor,
    case_id: str,
    *,
    done: str = "",
    asked: CaseStep | None = None,
    form: StepForm | None = None,
    error: WorkspaceError | None = None,
    status: int = 200,
) -> HTMLResponse:
    workspace: Workspace = request.app.state.workspace
    case = found(workspace, case_id)
    works = allowed(workspace, actor, Action.WORK_CASE, person_id=case.person_id)
    if works:
        passages = history(workspace, case_id, actor=actor)
    else:
        require(workspace, actor, Action.ASSIGN_CASE, person_id=case.person_id)
        log_look(workspace, actor, "case_state", 1)
        passages = []
    workers = workers_of(workspace, actor=actor)
    offered = steps_offered(workspace, case, actor=actor, workers=workers)
    kinds = _kinds(workspace, case, actor) if works else list(case.kinds)
    others = [one for one in of_person(workspace, case.person_id, actor=actor) if one.id != case.id] if works else []
    return render(
        request,
        "case_page.html",
        status=status,
        case=passages[-1].case if passages else case,
        works=works,
        passages=passages,
        plan=_last(passages, CaseStep.PLAN),
        others=others,
        workers=workers,
        offered=[step for step in offered if kinds or step is not CaseStep.DISAGREE],
        kinds=kinds,
        assessments=list(Assessment),
        close_reasons=list(CloseReason),
        disagreements=list(Disagreement),
        today=date.today(),
        time=local_time,
        done=done_words(request, done),
        may_assign=may_assign(actor),
        suggested=COMES_NEXT[case.state],
        asked=asked,
        form=form,
        errors={} if asked is None or error is None else beside(asked, error),
    )


def _kinds(workspace: Workspace, case: Case, actor: Actor) -> list[str]:
    """Kinds of the child's flags: those the case was opened from, and today's where they may be shown."""
    published = current_if_kept(workspace, actor=actor.name)
    child = None if published is None else published.child(case.person_id)
    flagged = [] if child is None else [str(kind) for kind in child.flags["kind"]]
    return list(dict.fromkeys((*case.kinds, *flagged)))


def _last(passages: list[Passage], step: CaseStep) -> Passage | None:
    return next((one for one in reversed(passages) if one.step is step), None)
