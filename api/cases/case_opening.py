"""Opening cases: of children on the list, taken at once, and of one whose situation was reported otherwise."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from api.cases.case_common import Assigning
from api.cases.case_forms import FIELD
from api.children.published import current
from api.frame.failures import PageRoute
from api.frame.pages import language_of, render, see
from governance import case_work as work
from governance.access import Actor
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError
from vocabulary.fiscal import fiscal_year
from vocabulary.texts import use_language

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Year = Annotated[int, Form(ge=1980, le=2200)]


@router.get("/cases/new")
def new_case(request: Request, actor: Assigning, person_id: Annotated[str, Query(max_length=128)] = "") -> HTMLResponse:
    """The form for a child whose situation was reported otherwise than by the list."""
    return _new_page(request, actor, person_id)


@router.post("/cases", response_model=None)
def open_cases(
    request: Request,
    actor: Assigning,
    year: Year,
    person_id: Annotated[list[str], Form(max_length=500)] = [],  # noqa: B006 - FastAPI copies it
    words: Annotated[str, Form(alias="text", max_length=20_000)] = "",
) -> RedirectResponse | HTMLResponse:
    """Open a case for each child and take it; a child that has one already keeps it."""
    workspace: Workspace = request.app.state.workspace
    use_language(language_of(request))
    cases: list[str] = []
    try:
        for one in dict.fromkeys(wanted.strip() for wanted in person_id):
            cases.append(open_for(workspace, one, year, words, actor))
    except WorkspaceError as error:
        if error.key not in FIELD and error.key != "case.person_absent":
            raise
        at = "person_id" if error.key == "case.person_absent" else "text"
        return _new_page(request, actor, person_id[0], year, words, {at: str(error)})
    return see(f"/cases/{cases[0]}" if len(cases) == 1 else f"/cases?taken={len(cases)}")


def open_for(workspace: Workspace, person_id: str, year: int, words: str, actor: Actor) -> str:
    """Id of the case opened for a child, or of the one it has."""
    published = current(workspace, actor=actor.name)
    child = None if published is None else published.child(person_id)
    if published is None or child is None:
        raise WorkspaceError("case.person_absent")
    flags = [flag for flag in child.flags.iter_rows(named=True) if flag["year"] == year]
    ranks = [flag["rank"] for flag in flags if flag["rank"] is not None]
    opening = work.Opening(
        person_id=person_id,
        year=year,
        run=published.run.run_id if flags else None,
        kinds=tuple(dict.fromkeys(str(flag["kind"]) for flag in flags)),
        rank=min(ranks, default=None),
        text=words,
    )
    try:
        return work.open_case(workspace, opening, actor=actor, assign_to=actor.name).id
    except WorkspaceError as error:
        if error.key != "case.open_already":
            raise
        return str(error.values["id"])


def _new_page(
    request: Request,
    actor: Actor,
    person_id: str = "",
    year: int | None = None,
    words: str = "",
    errors: dict[str, str] | None = None,
) -> HTMLResponse:
    published = current(request.app.state.workspace, actor=actor.name)
    years = (published.listed.years if published else []) or [fiscal_year(date.today())]
    given = {"person_id": person_id, "year": year or max(years), "text": words}
    status = 422 if errors else 200
    return render(request, "case_new.html", status=status, given=given, years=years, errors=errors or {})
