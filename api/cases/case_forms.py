"""The forms of a case: which are offered, what is read from them, and beside which field an error is said."""

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field

from governance import case_work as work
from governance.access import Actor, allowed
from governance.case_state import Assessment, CaseState, CaseStep, CloseReason, Disagreement, next_state
from governance.cases import Case
from governance.policy import Action
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError

Text = Annotated[str, Field(max_length=20_000)]
Word = Annotated[str, Field(max_length=128)]
Lines = Annotated[list[str], Field(max_length=20)]

BY_ASSIGNING = (CaseStep.ASSIGN, CaseStep.REOPEN)
"""Steps of those who may assign cases; the others are of those who may work on this one."""

FIELD = {
    "case.text_blank": "text",
    "case.text_long": "text",
    "case.due_past": "due",
    "case.due_missing": "due",
    "case.choice_missing": "choice",
    "case.not_a_worker": "account",
    "case.same_worker": "account",
}
"""The field beside which an error is said; others are said above the form. Errors of other areas are no error of it."""


ORDER = (
    CaseStep.ASSIGN,
    CaseStep.ASSESS,
    CaseStep.PLAN,
    CaseStep.FOLLOW_UP,
    CaseStep.NOTE,
    CaseStep.DISAGREE,
    CaseStep.HAND_OVER,
    CaseStep.CLOSE,
    CaseStep.REOPEN,
)
"""The steps as a page offers them."""

COMES_NEXT = {
    CaseState.NEW: CaseStep.ASSIGN,
    CaseState.ASSIGNED: CaseStep.ASSESS,
    CaseState.ASSESSED: CaseStep.PLAN,
    CaseState.PLANNED: CaseStep.FOLLOW_UP,
    CaseState.FOLLOWING: CaseStep.FOLLOW_UP,
    CaseState.CLOSED: CaseStep.REOPEN,
}
"""The step whose form is unfolded, where it is offered."""


class StepForm(BaseModel):
    """What a form of a step holds; each step reads its own of it."""

    seen: int = Field(ge=1, le=1_000_000)
    text: Text = ""
    account: Word = ""
    choice: Word = ""  # assessment, or reason
    kind: Word = ""
    due: Word = ""
    who: Lines = []
    what: Lines = []


Choice = TypeVar("Choice", bound=StrEnum)


def steps_offered(workspace: Workspace, case: Case, *, actor: Actor, workers: list[str]) -> list[CaseStep]:
    """The steps that `actor` may take now."""
    works = allowed(workspace, actor, Action.WORK_CASE, person_id=case.person_id)
    assigns = allowed(workspace, actor, Action.ASSIGN_CASE, person_id=case.person_id)

    def offered(step: CaseStep) -> bool:
        if next_state(case.state, step, case.assessment) is None:
            return False
        if step is CaseStep.ASSIGN:
            return assigns and case.assigned_to not in workers
        if step is CaseStep.HAND_OVER:
            return works and any(name != case.assigned_to for name in workers)
        return assigns if step in BY_ASSIGNING else works

    return [step for step in ORDER if offered(step)]


def take_step(workspace: Workspace, case_id: str, step: CaseStep, form: StepForm, *, actor: Actor) -> Case:
    """Take the step that a form asks for.

    Raises
    ------
    WorkspaceError
        Something is missing in the form, or as of the step in `governance.case_work`.
    RefusalError
        `actor` may not take it.
    """
    return _STEPS[step](workspace, case_id, form, actor)


def beside(step: CaseStep, error: WorkspaceError) -> dict[str, str]:
    """The words of an error by the id of the field they are said beside; above the forms where it is of none."""
    field = FIELD.get(error.key)
    return {"next" if field is None else f"{step}-{field}": str(error)}


def _assign(workspace: Workspace, case_id: str, form: StepForm, actor: Actor) -> Case:
    return work.assign(workspace, case_id, form.account, seen=form.seen, actor=actor)


def _hand_over(workspace: Workspace, case_id: str, form: StepForm, actor: Actor) -> Case:
    return work.hand_over(workspace, case_id, form.account, form.text, seen=form.seen, actor=actor)


def _assess(workspace: Workspace, case_id: str, form: StepForm, actor: Actor) -> Case:
    chosen = _chosen(Assessment, form.choice)
    return work.assess(workspace, case_id, chosen, form.text, seen=form.seen, actor=actor)


def _plan(workspace: Workspace, case_id: str, form: StepForm, actor: Actor) -> Case:
    tasks = [work.Task(who, what) for who, what in zip(form.who, form.what, strict=False)]
    return work.plan(workspace, case_id, form.text, tasks=tasks, seen=form.seen, actor=actor)


def _follow_up(workspace: Workspace, case_id: str, form: StepForm, actor: Actor) -> Case:
    try:
        due = date.fromisoformat(form.due.strip())
    except ValueError:
        raise WorkspaceError("case.due_missing") from None
    return work.follow_up(workspace, case_id, due, form.text, seen=form.seen, actor=actor)


def _note(workspace: Workspace, case_id: str, form: StepForm, actor: Actor) -> Case:
    return work.note(workspace, case_id, form.text, seen=form.seen, actor=actor)


def _disagree(workspace: Workspace, case_id: str, form: StepForm, actor: Actor) -> Case:
    why = _chosen(Disagreement, form.choice)
    return work.disagree(workspace, case_id, form.kind, why, form.text, seen=form.seen, actor=actor)


def _close(workspace: Workspace, case_id: str, form: StepForm, actor: Actor) -> Case:
    reason = _chosen(CloseReason, form.choice)
    return work.close(workspace, case_id, reason, form.text, seen=form.seen, actor=actor)


def _reopen(workspace: Workspace, case_id: str, form: StepForm, actor: Actor) -> Case:
    return work.reopen(workspace, case_id, form.text, seen=form.seen, actor=actor)


_STEPS: Mapping[CaseStep, Callable[[Workspace, str, StepForm, Actor], Case]] = {
    CaseStep.ASSIGN: _assign,
    CaseStep.HAND_OVER: _hand_over,
    CaseStep.ASSESS: _assess,
    CaseStep.PLAN: _plan,
    CaseStep.FOLLOW_UP: _follow_up,
    CaseStep.NOTE: _note,
    CaseStep.DISAGREE: _disagree,
    CaseStep.CLOSE: _close,
    CaseStep.REOPEN: _reopen,
}


def _chosen(of: type[Choice], value: str) -> Choice:
    try:
        return of(value)
    except ValueError:
        raise WorkspaceError("case.choice_missing") from None
