"""Papers for the council and the public: read here, or taken away as a page or as PDF; and the public page of the log.

They are made anew each time from what is enforced and from the log. The public page is open to everybody where the
settings say so, and is the only one beside sign-in that is.
"""

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from api.frame.failures import JSON_ROOT, PageRoute
from api.frame.pages import language_of, render
from api.frame.permission import needs
from api.oversight.log import day_of
from api.oversight.oversight import Oversight, Paper
from governance.access import Actor
from governance.policy import Action
from governance.workspace import Workspace
from vocabulary.fiscal import fiscal_year
from vocabulary.texts import use_language

router = APIRouter(route_class=PageRoute)

PAPERS = ("council", "variables", "assessment")
"""Names of the papers; the first is of a period, the others of today."""

MEDIA = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}

Reader = Annotated[Actor, Depends(needs(Action.VIEW_PAPERS))]
Day = Annotated[str, Query(max_length=10)]


class PaperSection(BaseModel):
    """A part of a paper; each table is its caption, headers and rows."""

    title: str
    said: list[str]
    tables: list[tuple[str, list[str], list[list[str]]]]


class PaperShown(BaseModel):
    """A paper."""

    name: str
    title: str
    language: str
    lead: list[str]
    sections: list[PaperSection]


@router.get("/papers", response_class=HTMLResponse, include_in_schema=False)
def papers(request: Request, actor: Reader) -> HTMLResponse:
    """Which papers there are."""
    _oversight(request)
    since, until = _period("", "")
    shown = public_log_shown(request)
    return render(request, "papers.html", papers=PAPERS, since=since, until=until, public=shown)


@router.get("/papers/{name}", response_class=HTMLResponse, include_in_schema=False)
def paper(request: Request, actor: Reader, name: str, since: Day = "", until: Day = "") -> HTMLResponse:
    """A paper on the screen."""
    first, last = _period(since, until)
    made = _made(request, name, first, last)
    asked = {"since": first.isoformat(), "until": last.isoformat()} if name == PAPERS[0] else {}
    return render(request, "paper_shown.html", paper=made, name=name, asked=asked, public=False)


@router.get("/papers/{name}/file.{form}", include_in_schema=False)
def paper_file(request: Request, actor: Reader, name: str, form: str, since: Day = "", until: Day = "") -> Response:
    """A paper as a file."""
    if form not in MEDIA:
        raise HTTPException(404)
    first, last = _period(since, until)
    made = _made(request, name, first, last)
    content = _oversight(request).paper_file(made, form)
    file = f"{name}.{made.language}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    return Response(content, media_type=MEDIA[form], headers=headers)


@router.get(JSON_ROOT + "v1/papers/{name}")
def paper_json(request: Request, actor: Reader, name: str, since: Day = "", until: Day = "") -> PaperShown:
    """A paper: council (of a period, days as YYYY-MM-DD), variables or assessment (as of today)."""
    made = _made(request, name, *_period(since, until))
    sections = [
        PaperSection(
            title=one.title,
            said=list(one.said),
            tables=[
                (each.caption, list(each.headers), [list(map(str, row)) for row in each.rows]) for each in one.tables
            ],
        )
        for one in made.sections
    ]
    return PaperShown(name=name, title=made.title, language=made.language, lead=list(made.lead), sections=sections)


@router.get("/public/log", response_class=HTMLResponse, include_in_schema=False)
def public_log(request: Request) -> HTMLResponse:
    """What everybody may know of what was done with the records."""
    if not public_log_shown(request):
        raise HTTPException(404)
    language = language_of(request)
    use_language(language)
    offered = _oversight(request)
    if offered.public_log is None:
        raise HTTPException(404)
    made = offered.public_log(request.app.state.workspace, language)
    return render(request, "paper_shown.html", paper=made, name="log", asked={}, public=True)


def public_log_shown(request: Request) -> bool:
    """Whether the settings open the public page of the log to everybody."""
    workspace: Workspace = request.app.state.workspace
    return workspace.settings.serve.public_log


def _made(request: Request, name: str, since: date, until: date) -> Paper:
    if name not in PAPERS:
        raise HTTPException(404)
    if since > until:
        raise HTTPException(400)
    language = language_of(request)
    use_language(language)
    return _oversight(request).paper(request.app.state.workspace, name, language, since, until)


def _period(since: str, until: str) -> tuple[date, date]:
    """The days asked for; else from the beginning of this fiscal year until today."""
    today = datetime.now(UTC).astimezone().date()
    return day_of(since) or date(fiscal_year(today), 4, 1), day_of(until) or today


def _oversight(request: Request) -> Oversight:
    offered: Oversight | None = request.app.state.services.oversight
    if offered is None:
        raise HTTPException(404)
    return offered
