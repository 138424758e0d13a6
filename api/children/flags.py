"""The list: the flags of the run published last, ranked, with their reasons. Children are pseudonymous on it."""

from collections.abc import Callable
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from api.children.csv_list import as_csv
from api.children.list_choice import Choice
from api.children.list_counts import protected_counts
from api.children.list_found import FIRST_REASONS, Found, find, openable, shown_rows
from api.children.published import current
from api.frame.failures import PageRoute
from api.frame.pages import language_of, render
from api.frame.paging import PAGE_ROWS, page_of
from api.frame.pdf import pdf
from api.frame.permission import needs
from api.frame.times import local_time
from governance.access import Actor, require, scope_of
from governance.digest import sha256
from governance.disclosure import ROUNDING, THRESHOLD
from governance.policy import Action, Scope
from governance.runlog import Kind
from governance.views import log_view
from governance.workspace import Workspace

MAY_OFFER = ("assign_case", "export_list", "find_child")
"""Actions that the list offers to whom they are allowed."""

router = APIRouter(route_class=PageRoute, include_in_schema=False)

PersonId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
Lister = Annotated[Actor, Depends(needs(Action.LIST_FLAGS))]
Exporter = Annotated[Actor, Depends(needs(Action.EXPORT_LIST))]

PRINTED_ROWS = 200
"""Rows of the list on paper at most."""


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
    log_list(workspace, actor, found, len(rows))
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
        may={action: scope_of(actor, Action(action)) is not Scope.NONE for action in MAY_OFFER},
        published=local_time(found.published.run.at),
        judgement_word=_words(found, request),
    )


@router.get("/flags/counts", response_class=HTMLResponse)
def list_counts(
    request: Request,
    actor: Annotated[Actor, Depends(needs(Action.VIEW_STATISTICS))],
    year: Annotated[int | None, Query()] = None,
) -> HTMLResponse:
    """How many children are listed, by school and by kind, with small counts hidden."""
    workspace: Workspace = request.app.state.workspace
    published = current(workspace, actor=actor.name)
    chosen = None if published is None else published.listed.chosen_year(year)
    if published is None or chosen is None:
        return render(request, "empty.html")
    stated, language = published.rules.judgements, language_of(request)
    return render(
        request,
        "list_counts.html",
        tables=protected_counts(workspace, published, chosen),
        year=chosen,
        years=published.listed.years,
        threshold=THRESHOLD,
        rounding=ROUNDING,
        judgement_word=lambda judgement: str(getattr(stated.word("overall", judgement), language)),
        may_list=scope_of(actor, Action.LIST_FLAGS) is not Scope.NONE,
    )


@router.get("/flags.csv")
def list_as_csv(request: Request, actor: Exporter, choice: Annotated[Choice, Query()], bom: bool = True) -> Response:
    """Every row of the choice as a file; what left is in the log, by its hash, before it is sent."""
    workspace: Workspace = request.app.state.workspace
    found = find(workspace, actor, choice, Action.EXPORT_LIST)
    content = as_csv(found, language_of(request), marked=bom)
    _log_file(workspace, actor, found, "flags.csv", content, found.rows.height)
    headers = {"Content-Disposition": f'attachment; filename="flags-{found.year or 0}.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/flags.pdf")
def list_as_pdf(request: Request, actor: Exporter, choice: Annotated[Choice, Query()]) -> Response:
    """The first rows of the choice on paper, for a screening conference."""
    workspace: Workspace = request.app.state.workspace
    found = find(workspace, actor, choice, Action.EXPORT_LIST)
    if found.year is None:
        raise HTTPException(404)
    rows = shown_rows(found, language_of(request), 0, PRINTED_ROWS)
    values = {"found": found, "rows": rows, "published": found.published, "day": date.today()}
    made = pdf(request, "list_print.html", f"flags-{found.year}.pdf", **values, judgement_word=_words(found, request))
    _log_file(workspace, actor, found, "flags.pdf", bytes(made.body), len(rows))
    return made


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
    log_view(
        workspace, actor, "flag", run_id=found.published.run.run_id, person_id=person_id, body={"year": found.year}
    )
    return render(
        request,
        "flag.html",
        found=found,
        row=row,
        openable=openable(workspace, actor, of_child),
        may_take=scope_of(actor, Action.ASSIGN_CASE) is not Scope.NONE,
        published=local_time(found.published.run.at),
        judgement_word=_words(found, request),
    )


def _words(found: Found, request: Request) -> Callable[[int], str]:
    """What the overall judgements are called under the run's rules."""
    stated, language = found.published.rules.judgements, language_of(request)
    return lambda judgement: str(getattr(stated.word("overall", judgement), language))


def log_list(workspace: Workspace, actor: Actor, found: Found, rows: int) -> None:
    """Log that the account is about to be shown so many rows, and of whom, where it searched for one child."""
    body = found.said | {"rows": rows}
    log_view(workspace, actor, "flags", run_id=found.published.run.run_id, person_id=found.named, body=body)


def _log_file(workspace: Workspace, actor: Actor, found: Found, name: str, content: bytes, rows: int) -> None:
    """Log that a file is about to leave; a file of one child that was searched for is a look at that child too."""
    if found.named is not None:
        log_list(workspace, actor, found, rows)
    named = {} if found.named is None else {"person": found.named}
    body = found.said | {"files": {name: sha256(content)}, "rows": rows} | named
    workspace.log(actor=actor.name, kind=Kind.EXPORT, subject=found.published.run.run_id, body=body)
