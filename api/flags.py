"""The list: the flags of the run published last, ranked, with their reasons. Children are pseudonymous on it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from api.failures import PageRoute
from api.list_choice import Choice
from api.list_found import FIRST_REASONS, Found, find, openable, shown_rows
from api.pages import language_of, render
from api.paging import PAGE_ROWS, page_of
from api.permission import needs
from api.published import current
from governance.access import Actor, require, scope_of
from governance.policy import Action, Scope
from governance.runlog import Kind
from governance.workspace import Workspace

router = APIRouter(route_class=PageRoute, include_in_schema=False)

PersonId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
Lister = Annotated[Actor, Depends(needs(Action.LIST_FLAGS))]


@router.get("/flags", response_class=HTMLResponse)
def flag_list(request: Request, actor: Lister, choice: Annotated[Choice, Query()]) -> HTMLResponse:
    """Show a page of the list; the view is in the log before it is sent."""
    workspace: Workspace = request.app.state.workspace
    if current(workspace, actor=actor.name) is None:
        return render(request, "empty.html")
    found = find(workspace, actor, choice)
    page, pages = page_of(found.rows.height, choice.page)
    begin = (page - 1) * PAGE_ROWS
    rows = shown_rows(found, language_of(request), begin, PAGE_ROWS)
    _log(workspace, actor, found, "flags", rows=len(rows))
    return render(
        request,
        "flags.html",
        found=found,
        rows=rows,
        begin=begin,
        page=page,
        pages=pages,
        first=FIRST_REASONS,
        openable=openable(workspace, actor, found.rows.slice(begin, PAGE_ROWS)) if rows else frozenset(),
        may={action: scope_of(actor, Action(action)) is not Scope.NONE for action in ("assign_case", "export_list")},
        published=published_at(found),
    )


@router.get("/flags/{person_id}", response_class=HTMLResponse)
def one_flag(
    request: Request, actor: Lister, person_id: PersonId, year: Annotated[int | None, Query()] = None
) -> HTMLResponse:
    """Show all that is said of one flag, without anything else of the child."""
    workspace: Workspace = request.app.state.workspace
    found = find(workspace, actor, Choice(year=year))
    school = found.published.school_of(person_id)
    require(workspace, actor, Action.LIST_FLAGS, person_id=person_id, school=school)
    of_child = found.within.filter(person_id=person_id)
    if of_child.is_empty():
        raise HTTPException(404)
    alone = Found(found.published, found.year, found.choice, of_child, of_child, found.cases)
    (row,) = shown_rows(alone, language_of(request), 0, 1)
    _log(workspace, actor, found, "flag", rows=1, person=person_id)
    return render(
        request,
        "flag.html",
        found=found,
        row=row,
        openable=openable(workspace, actor, of_child),
        may_take=scope_of(actor, Action.ASSIGN_CASE) is not Scope.NONE,
        published=published_at(found),
    )


def published_at(found: Found) -> str:
    """When the run was published, by the clock of the city hall."""
    return f"{datetime.fromisoformat(found.published.run.at).astimezone():%Y-%m-%d %H:%M}"


def _log(workspace: Workspace, actor: Actor, found: Found, page: str, **body: object) -> None:
    said = {"page": page, "year": found.year, "choice": found.choice.query(), **body}
    workspace.log(actor=actor.name, kind=Kind.VIEW, subject=found.published.run.run_id, body=said)
