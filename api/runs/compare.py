"""Two runs beside each other: who is new on the list, who left it, whose id merged or split, what is judged otherwise.

Person ids are told to whoever may hand out what is in a run, and that they were told is in the log. All others are told
statistics, of a run and the one before it.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from api.frame.failures import JSON_ROOT, PageRoute
from api.frame.pages import render
from api.frame.paging import PAGE_ROWS, page_of
from api.frame.times import local_time
from api.runs.compared import STATUSES, TOTAL, Comparison
from api.runs.runs import PageNumber, PageRows, Viewer, published, sees_children, service
from governance.access import Actor
from governance.runs import list_runs
from governance.views import log_view
from governance.workspace import Workspace
from vocabulary.errors import UsageError

router = APIRouter(route_class=PageRoute)

RunId = Annotated[str, Query(max_length=64)]

MOST_RUNS = 100
"""Runs that are offered to choose from, the newest."""


class ComparisonShown(BaseModel):
    """What changed from one run to a later one; a count is null where it is hidden."""

    earlier: str
    later: str
    years: tuple[int | None, int | None]  # whose lists are compared
    persons: dict[str, int | None]
    listed: dict[str, int | None]
    held: dict[str, int | None]
    by_kind: list[dict[str, Any]]
    by_school: list[dict[str, Any]]
    judgements: list[dict[str, Any]]
    statistics_only: bool
    total: int | None  # children on either list; null where statistics only are told
    page: int
    children: list[dict[str, Any]]  # a page of them
    events: list[dict[str, Any]]  # at most as many as a page has rows


@router.get("/runs/compare", response_class=HTMLResponse, include_in_schema=False)
def compare(request: Request, actor: Viewer, a: RunId = "", b: RunId = "", page: PageNumber = 1) -> HTMLResponse:
    """Two runs beside each other, and the form that chooses them."""
    workspace: Workspace = request.app.state.workspace
    serving = service(request)
    runs = list_runs(workspace)[::-1][:MOST_RUNS]
    choices = [(one.run_id, local_time(one.at), one.manifest.approval) for one in runs]
    chosen = _chosen([run_id for run_id, _, _ in choices], a, b)
    shown, fault, numbers = None, None, list[int | None]()
    if chosen:
        for run_id in chosen:
            published(request, run_id)
        try:
            found = serving.compare(*chosen, statistics_only=not sees_children(actor))
        except UsageError as error:
            fault = str(error)
        else:
            current, numbers = page_of(0 if found.children is None else found.children.height, page)
            shown = _shown(workspace, actor, found, page=current, rows=PAGE_ROWS)
    return render(
        request,
        "compare.html",
        choices=choices,
        chosen=chosen or ("", ""),
        shown=shown,
        fault=fault,
        numbers=numbers,
        statuses=STATUSES,
        total=TOTAL,
    )


@router.get(JSON_ROOT + "v1/comparisons/{one}/{other}")
def compare_json(
    request: Request, actor: Viewer, one: str, other: str, page: PageNumber = 1, rows: PageRows = PAGE_ROWS
) -> ComparisonShown:
    """Two runs beside each other, the earlier first; children on either list a page at a time."""
    serving = service(request)
    for run_id in (one, other):
        published(request, run_id)
    found = serving.compare(one, other, statistics_only=not sees_children(actor))
    return _shown(request.app.state.workspace, actor, found, page=page, rows=rows)


def _chosen(runs: list[str], a: str, b: str) -> tuple[str, str] | None:
    """The two runs asked for; else the newest and the one before it; None where there are not two."""
    if a and b:
        return a, b
    if len(runs) < 2:
        return None
    later = b or a or runs[0]
    at = runs.index(later) + 1 if later in runs else len(runs)
    return (runs[at], later) if at < len(runs) else (runs[1], runs[0])


def _shown(workspace: Workspace, actor: Actor, found: Comparison, *, page: int, rows: int) -> ComparisonShown:
    """A comparison with one page of its children, whose view is in the log before."""
    part = None if found.children is None else found.children.slice((page - 1) * rows, rows)
    if part is not None:
        body = {"with": found.earlier, "rows": part.height}
        log_view(workspace, actor, "compare", run_id=found.later, body=body)
    return ComparisonShown(
        earlier=found.earlier,
        later=found.later,
        years=found.years,
        persons=dict(found.persons),
        listed=dict(found.listed),
        held=dict(found.held),
        by_kind=found.by_kind.to_dicts(),
        by_school=found.by_school.to_dicts(),
        judgements=found.judgements.to_dicts(),
        statistics_only=part is None,
        total=None if found.children is None else found.children.height,
        page=page,
        children=[] if part is None else part.to_dicts(),
        events=[] if found.events is None else found.events.head(rows).to_dicts(),
    )
