"""Cases for programs: one's own and the team's, one with its history, opening and steps, by the pages' functions."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request
from pydantic import BaseModel, Field

from api.cases.case_common import NO_FORM, Assigning, Worker, found, log_look
from api.cases.case_forms import StepForm, take_step
from api.cases.case_opening import open_for
from api.frame.failures import PageRoute
from governance.access import Actor
from governance.case_history import Passage, history, team_cases
from governance.case_state import CaseStep
from governance.cases import Case, find
from governance.workspace import Workspace

router = APIRouter(prefix="/api/v1/cases", route_class=PageRoute, tags=["cases"])

CaseId = Annotated[str, Path(pattern="^[0-9a-f]{10}$")]
Start = Annotated[int, Query(ge=0, le=10_000_000)]
Rows = Annotated[int, Query(ge=1, le=500)]


class NewCase(BaseModel):
    """A child to open a case for. `text` says how it was reported, where it is not on the list of that year."""

    person_id: str = Field(min_length=1, max_length=64)
    year: int = Field(ge=1980, le=2200)
    text: str = Field("", max_length=20_000)


@dataclass(frozen=True)
class Cases:
    """A part of the cases, without what was written in them."""

    total: int
    rows: list[Case]


@dataclass(frozen=True)
class CaseTold:
    """A case with every step and what was written at it."""

    case: Case
    steps: list[Passage]


@router.get("")
def own(request: Request, actor: Worker, start: Start = 0, rows: Rows = 50) -> Cases:
    """The actor's own cases, in the order of opening."""
    workspace: Workspace = request.app.state.workspace
    cases = [one for one in team_cases(workspace, actor=actor) if one.assigned_to == actor.name]
    return _part(workspace, actor, "cases", cases, start, rows)


@router.get("/team")
def team(request: Request, actor: Assigning, start: Start = 0, rows: Rows = 50) -> Cases:
    """The cases of everybody, in the order of opening."""
    workspace: Workspace = request.app.state.workspace
    return _part(workspace, actor, "team_cases", team_cases(workspace, actor=actor), start, rows)


@router.get("/{case_id}")
def one(request: Request, actor: Worker, case_id: CaseId) -> CaseTold:
    """A case of one's own; the view is in the log before what was written is read."""
    workspace: Workspace = request.app.state.workspace
    steps = history(workspace, found(workspace, case_id).id, actor=actor)
    return CaseTold(steps[-1].case, steps)


@router.post("", status_code=201)
def opened(request: Request, actor: Assigning, new: NewCase) -> Case:
    """Open a case and take it; the one that the child has already, where there is one."""
    workspace: Workspace = request.app.state.workspace
    return find(workspace, open_for(workspace, new.person_id, new.year, new.text, actor))


@router.post("/{case_id}/{step}")
def taken(request: Request, actor: Worker, case_id: CaseId, step: CaseStep, form: StepForm) -> Case:
    """Take a step upon the version that was seen; 409 where the case changed since, or the step is not allowed."""
    if step in NO_FORM:
        raise HTTPException(404)
    workspace: Workspace = request.app.state.workspace
    return take_step(workspace, found(workspace, case_id).id, step, form, actor=actor)


def _part(workspace: Workspace, actor: Actor, page: str, cases: list[Case], start: int, rows: int) -> Cases:
    shown = cases[start : start + rows]
    log_look(workspace, actor, page, len(shown))
    return Cases(len(cases), shown)
