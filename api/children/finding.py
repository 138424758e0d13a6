"""Finding a child by name: for somebody who is told of a child that is on no list.

Given name and birth date are asked for, so that nobody can leaf through a city. That it was asked, with its reason, is
in the log before anything is read, and so is each child that is found before its id is shown.
"""

from datetime import date
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse

from api.children.child import REASON_LETTERS
from api.children.published import Published, hold_retention, require_current
from api.frame.failures import PageRoute
from api.frame.pages import render
from api.frame.permission import needs
from governance.access import Actor, allowed, scope_of
from governance.policy import Action, Scope
from governance.views import log_view
from governance.workspace import Workspace

router = APIRouter(prefix="/find", route_class=PageRoute, include_in_schema=False)

Finder = Annotated[Actor, Depends(needs(Action.FIND_CHILD))]

MOST = 10
"""Children that are shown; where more agree, the answer helps nobody."""


class FindChildren(Protocol):
    """Answered by `mimamori.serving_find.find_children`."""

    def __call__(self, workspace: Workspace, run_id: str, *, given_name: str, birth_date: date) -> list[str]:
        """Ids of the children of this given name and birth date."""


@router.get("", response_class=HTMLResponse)
def find_page(request: Request, actor: Finder) -> HTMLResponse:
    """The form."""
    return _page(request, {})


@router.post("", response_class=HTMLResponse)
def find(
    request: Request,
    actor: Finder,
    given_name: Annotated[str, Form(max_length=100)] = "",
    birth_date: Annotated[str, Form(max_length=10)] = "",
    reason: Annotated[str, Form(max_length=REASON_LETTERS)] = "",
) -> HTMLResponse:
    """Ids of the children that were meant, none of whose names is shown."""
    told = {"given_name": given_name.strip(), "birth_date": birth_date.strip(), "reason": reason.strip()}
    born = _date(told["birth_date"])
    wrong = [name for name, value in told.items() if not value] + (["birth_date"] if born is None else [])
    if wrong or born is None:
        return _page(request, told, wrong=list(dict.fromkeys(wrong)))
    workspace: Workspace = request.app.state.workspace
    published = require_current(workspace, actor=actor.name)
    children = _found(request, workspace, published, actor, told, born)
    return _page(request, told, found=children[:MOST], more=len(children) > MOST, published=published)


def _found(
    request: Request, workspace: Workspace, published: Published, actor: Actor, told: dict[str, str], born: date
) -> list[str]:
    """The children found whom the account's scope reaches, each in the log."""
    search: FindChildren | None = request.app.state.services.find_children
    if search is None:
        raise HTTPException(404)
    run_id = published.run.run_id
    hold_retention(workspace, run_id, ["keys", "spine"], actor=actor.name)
    reason = workspace.custody.seal(f"find/{run_id}", told["reason"].encode())
    log_view(workspace, actor, "find", run_id=run_id, body={"reason": reason})
    found = search(workspace, run_id, given_name=told["given_name"], birth_date=born)
    if scope_of(actor, Action.FIND_CHILD) is Scope.OWN_SCHOOL:
        found = [one for one in found if _reaches(workspace, published, actor, one)]
    for one in found[:MOST]:
        log_view(workspace, actor, "found", run_id=run_id, person_id=one)
    return found


def _reaches(workspace: Workspace, published: Published, actor: Actor, person_id: str) -> bool:
    school = published.school_of(person_id)
    return allowed(workspace, actor, Action.FIND_CHILD, person_id=person_id, school=school)


def _page(
    request: Request,
    told: dict[str, str],
    *,
    wrong: list[str] | None = None,
    found: list[str] | None = None,
    more: bool = False,
    published: Published | None = None,
) -> HTMLResponse:
    status = 422 if wrong else 200
    values = {"told": told, "wrong": wrong or [], "found": found, "more": more, "letters": REASON_LETTERS}
    schools = {one: published.school_of(one) for one in found or []} if published else {}
    return render(request, "finding.html", status=status, schools=schools, **values)


def _date(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
