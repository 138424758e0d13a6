"""Who saw what, for those who oversee it: counts by account and day. Never which child.

Who looked at one child is told to those who answer a request of that child's family, and that this was asked is logged.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from api.frame.failures import JSON_ROOT, PageRoute
from api.frame.pages import language_of, render
from api.frame.permission import needs
from api.frame.times import begin_of, end_of, local_day, local_time
from api.oversight.log import day_of
from api.oversight.log_words import page_words
from governance import access
from governance.access import Actor, scope_of
from governance.log_pages import log_page
from governance.policy import Action, Scope
from governance.runlog import Entry, Kind
from governance.runs import latest_run
from governance.views import persons_of
from governance.workspace import Workspace
from vocabulary.errors import MimamoriError
from vocabulary.texts import use_language

router = APIRouter(route_class=PageRoute)

DAYS = 30
"""Shown where no period is asked for."""

MOST = 200_000
"""Looks that are counted at once; a longer period is refused."""

LINKS = ("review", "explain")
"""Pages that show records side by side, under names."""

Viewer = Annotated[Actor, Depends(needs(Action.VIEW_ACCESS))]
Handler = Annotated[Actor, Depends(needs(Action.HANDLE_REQUEST))]
Day = Annotated[str, Query(max_length=10)]


class Looks(BaseModel):
    """What one account opened on one day."""

    actor: str
    day: date
    children: int  # named by what was opened
    opened: int  # times that a child was
    links: int  # records shown side by side
    lists: int  # lists and other pages without names


class AccessPage(BaseModel):
    """Looks in a period, and their sums by account."""

    since: date
    until: date
    actors: list[Looks]  # `day` is the last one with a look
    days: list[Looks]


@router.get("/access", response_class=HTMLResponse, include_in_schema=False)
def access_log(request: Request, actor: Viewer, since: Day = "", until: Day = "") -> HTMLResponse:
    """The counts."""
    first, last = _period(since, until)
    return render(
        request,
        "access_log.html",
        shown=_looks(request.app.state.workspace, first, last),
        asked={"since": first.isoformat(), "until": last.isoformat()},
        wrong_day=any(written and day_of(written) is None for written in (since, until)) or first > last,
        may_handle=may_ask(request, actor),
    )


@router.get(JSON_ROOT + "v1/access")
def access_json(request: Request, actor: Viewer, since: Day = "", until: Day = "") -> AccessPage:
    """Who opened how many children, by account and by day (days as YYYY-MM-DD, both included; else the last 30)."""
    return _looks(request.app.state.workspace, *_period(since, until))


@router.get("/access/child", response_class=HTMLResponse, include_in_schema=False)
def child_form(request: Request, actor: Handler) -> HTMLResponse:
    """The form by which who looked at one child is asked for."""
    return _child(request, actor)


@router.post("/access/child", include_in_schema=False)
def child(
    request: Request,
    actor: Handler,
    person: Annotated[str, Form(max_length=64)] = "",
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Who looked at one child. That it was asked for is logged, with the reason, before anything is read.

    Neither the child nor the reason stands in an address, so the answer comes at once and not by another one.
    """
    return _child(request, actor, person=person.strip(), reason=reason, asked=True)


def may_ask(request: Request, actor: Actor) -> bool:
    """Whether the actor may ask who looked at any child, and this server can tell."""
    offered = request.app.state.services.oversight
    return offered is not None and scope_of(actor, Action.HANDLE_REQUEST) is Scope.ALL


def _child(request: Request, actor: Actor, *, person: str = "", reason: str = "", asked: bool = False) -> HTMLResponse:
    language = language_of(request)
    use_language(language)
    workspace: Workspace = request.app.state.workspace
    access.require(workspace, actor, Action.HANDLE_REQUEST, person_id=person)  # not within one department's records
    if not may_ask(request, actor):
        raise HTTPException(404)
    seen, errors = None, {}
    run = latest_run(workspace)
    if asked and run is not None:
        try:
            found = request.app.state.services.oversight.child_views(workspace, run, person, reason, actor.name)
            seen = [(local_time(at), by, page_words(page, language)) for at, by, page in found]
        except MimamoriError as error:
            if error.key not in ("subject.reason_blank", "subject.no_person"):
                raise
            errors["reason" if error.key == "subject.reason_blank" else "person"] = str(error)
    values = {"person": person, "reason": reason, "seen": seen, "errors": errors, "run": run}
    return render(request, "access_child.html", status=400 if errors else 200, **values)


def _period(since: str, until: str) -> tuple[date, date]:
    today = datetime.now(UTC).astimezone().date()
    last = day_of(until) or today
    return day_of(since) or last - timedelta(days=DAYS - 1), last


def _looks(workspace: Workspace, since: date, until: date) -> AccessPage:
    with workspace.reading() as connection:
        found = log_page(connection, kinds=[Kind.VIEW], since=begin_of(since), until=end_of(until), rows=MOST)
    if found.total > MOST:
        raise HTTPException(413)
    by_day: dict[tuple[str, date], list[Entry]] = defaultdict(list)
    by_actor: dict[str, list[Entry]] = defaultdict(list)
    for entry in found.entries:
        by_day[entry.actor, local_day(entry.at)].append(entry)
        by_actor[entry.actor].append(entry)
    days = [_counted(actor, day, seen) for (actor, day), seen in by_day.items()]
    actors = [_counted(actor, max(local_day(one.at) for one in seen), seen) for actor, seen in by_actor.items()]
    return AccessPage(
        since=since,
        until=until,
        actors=sorted(actors, key=lambda one: (-one.children, one.actor)),
        days=sorted(days, key=lambda one: (one.day, one.children), reverse=True),
    )


def _counted(actor: str, day: date, seen: Iterable[Entry]) -> Looks:
    told = [entry.content for entry in seen]
    persons = [person for one in told for person in persons_of(one)]
    links = sum(one.get("page") in LINKS for one in told)
    return Looks(
        actor=actor,
        day=day,
        children=len(set(persons)),
        opened=len(persons),
        links=links,
        lists=sum(not persons_of(one) and one.get("page") not in LINKS for one in told),
    )
