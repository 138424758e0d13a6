"""Cases in lists: a worker's own with what is due first, and those of the whole team. No words are in them."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from api.cases.case_common import Assigning, Worker, done_words, log_look, may_assign
from api.frame.failures import PageRoute
from api.frame.pages import language_of, render
from api.frame.paging import PAGE_ROWS, page_of
from api.frame.times import local_time
from governance.access import Actor
from governance.case_history import disagreements, team_cases
from governance.case_state import CaseState, Disagreement
from governance.case_work import workers_of
from governance.cases import Case
from governance.workspace import Workspace
from vocabulary.texts import text

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Which = Literal["open", "nobody", "due", "closed"]

CLOSED_SHOWN = 30
"""Days for which a worker sees own cases that were closed."""


GROUPS = ("due", "new", "others", "closed")
"""A worker's cases in the order in which to look at them: their day has come; put into the worker's hands by somebody
else and untouched since; the others; closed in the last days."""


@router.get("/cases")
def own_cases(
    request: Request,
    actor: Worker,
    done: Annotated[str, Query(max_length=40)] = "",
    taken: Annotated[int, Query(ge=0, le=10_000)] = 0,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> HTMLResponse:
    """The actor's own cases."""
    workspace: Workspace = request.app.state.workspace
    found = _own(team_cases(workspace, actor=actor), actor.name)
    shown, pages = page_of(len(found), page)
    rows = found[(shown - 1) * PAGE_ROWS : shown * PAGE_ROWS]
    log_look(workspace, actor, "cases", len(rows))
    return render(
        request,
        "cases.html",
        groups=[(group, [one for its, one in rows if its == group]) for group in GROUPS],
        counts=Counter(group for group, _ in found),
        page=shown,
        pages=pages,
        done=_taken(request, taken) if taken else done_words(request, done),
        may_assign=may_assign(actor),
        today=date.today(),
        time=local_time,
    )


@router.get("/cases/team")
def team(
    request: Request,
    actor: Assigning,
    which: Which = "open",
    who: Annotated[str, Query(max_length=128)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> HTMLResponse:
    """The cases of the team, those in nobody's hands first."""
    workspace: Workspace = request.app.state.workspace
    every = team_cases(workspace, actor=actor)
    workers = workers_of(workspace, actor=actor)
    found = _of_team(every, which, who, workers)
    shown, pages = page_of(len(found), page)
    rows = found[(shown - 1) * PAGE_ROWS : shown * PAGE_ROWS]
    log_look(workspace, actor, "team_cases", len(rows))
    return render(
        request,
        "cases_team.html",
        rows=rows,
        total=len(found),
        which=which,
        who=who,
        workers=workers,
        loads=_loads(every, workers),
        disagreed=_disagreed(workspace, actor),
        reasons=list(Disagreement),
        page=shown,
        pages=pages,
        today=date.today(),
        time=local_time,
    )


def _own(cases: list[Case], name: str) -> list[tuple[str, Case]]:
    """The cases of a worker with the group of each, in the order of the page."""
    today, since = date.today(), (date.today() - timedelta(days=CLOSED_SHOWN)).isoformat()

    def group(case: Case) -> str:
        if not case.is_open:
            return "closed"
        if case.due is not None and case.due <= today:
            return "due"
        return "new" if case.is_new_to_its_worker else "others"

    mine = [(group(one), one) for one in cases if one.assigned_to == name and (one.is_open or one.changed_at >= since)]
    return sorted(mine, key=lambda one: (GROUPS.index(one[0]), one[1].due or date.max, one[1].changed_at))


def _taken(request: Request, taken: int) -> str:
    return text("case.done_taken", language=language_of(request), taken=taken)


def _of_team(cases: list[Case], which: Which, who: str, workers: list[str]) -> list[Case]:
    """The cases chosen, in the order in which the team should look at them."""
    today = date.today()
    choices: dict[Which, Callable[[Case], bool]] = {
        "open": lambda one: one.is_open,
        "nobody": lambda one: one.is_open and one.assigned_to not in workers,
        "due": lambda one: one.is_open and one.due is not None and one.due <= today,
        "closed": lambda one: not one.is_open,
    }
    found = [one for one in cases if choices[which](one) and who in ("", one.assigned_to)]
    if which == "closed":
        return sorted(found, key=lambda one: one.changed_at, reverse=True)
    return sorted(
        found, key=lambda one: (one.assigned_to in workers, one.state is not CaseState.NEW, one.due or date.max)
    )


def _loads(cases: list[Case], workers: list[str]) -> list[tuple[str, int, int]]:
    """How many open cases each worker has, and how many of them are due."""
    held = {name: [one for one in cases if one.is_open and one.assigned_to == name] for name in workers}
    today = date.today()
    return [
        (name, len(own), sum(one.due is not None and one.due <= today for one in own)) for name, own in held.items()
    ]


def _disagreed(workspace: Workspace, actor: Actor) -> dict[str, dict[Disagreement, int]]:
    """How often the team disagreed, by kind of flag and reason, the kind most disagreed with first."""
    counted = disagreements(workspace, actor=actor)
    kinds = Counter[str]()
    for (kind, _), count in counted.items():
        kinds[kind] += count
    return {kind: {why: counted[kind, why] for why in Disagreement} for kind, _ in kinds.most_common()}
