"""Emergency access from a page: one child, for some minutes, with a reason; told at once, and reviewed by others."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from api.children.published import require_current
from api.frame.failures import PageRoute
from api.frame.pages import language_of, render, see
from api.frame.permission import needs
from api.frame.times import local_time
from governance.access import Actor
from governance.break_glass import LONGEST, use
from governance.grants import list_grants
from governance.policy import Action
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError
from vocabulary.texts import use_language

router = APIRouter(route_class=PageRoute, include_in_schema=False)
json_router = APIRouter(route_class=PageRoute, prefix="/api/v1/emergency", tags=["children"])

Worker = Annotated[Actor, Depends(needs(Action.BREAK_GLASS))]

PERSON = r"^[0-9A-Za-z_-]{1,64}$"
MOST_MINUTES = int(LONGEST.total_seconds()) // 60
USUAL_MINUTES = 60
REASON_LETTERS = 500


class Asked(BaseModel):
    """Emergency access that is asked for."""

    person_id: str = Field(pattern=PERSON)
    reason: str = Field(min_length=1, max_length=REASON_LETTERS)
    minutes: int = Field(ge=1, le=MOST_MINUTES)


class Given(BaseModel):
    """Emergency access that was given: its id, and until when (UTC, ISO 8601)."""

    id: str
    until: str


@router.get("/emergency", response_class=HTMLResponse)
def emergency_page(
    request: Request, actor: Worker, person_id: Annotated[str, Query(max_length=64)] = ""
) -> HTMLResponse:
    """The form, and what the account used of it."""
    return _page(request, actor, {"person_id": person_id})


@router.post("/emergency", response_model=None)
def ask(
    request: Request,
    actor: Worker,
    person_id: Annotated[str, Form(max_length=64)] = "",
    reason: Annotated[str, Form(max_length=REASON_LETTERS)] = "",
    minutes: Annotated[int, Form(ge=1, le=MOST_MINUTES)] = USUAL_MINUTES,
) -> RedirectResponse | HTMLResponse:
    """Give it, and go on to the child."""
    workspace: Workspace = request.app.state.workspace
    use_language(language_of(request))
    wanted = person_id.strip()
    wrong = ["reason"] if not reason.strip() else []
    if require_current(workspace, actor=actor.name).child(wanted) is None:
        wrong.insert(0, "person_id")
    if wrong:
        return _page(request, actor, {"person_id": wanted, "reason": reason, "minutes": minutes}, wrong=wrong)
    use(workspace, wanted, reason=reason, minutes=minutes, actor=actor)
    return see(f"/children/{wanted}")


@json_router.post("", status_code=201)
def ask_by_program(request: Request, actor: Worker, asked: Asked) -> Given:
    """Give it."""
    workspace: Workspace = request.app.state.workspace
    if require_current(workspace, actor=actor.name).child(asked.person_id) is None:
        raise WorkspaceError("emergency.wrong_person_id")
    given = use(workspace, asked.person_id, reason=asked.reason, minutes=asked.minutes, actor=actor)
    return Given(id=given.id, until=given.until.isoformat())


def _page(request: Request, actor: Actor, told: dict[str, object], *, wrong: list[str] | None = None) -> HTMLResponse:
    own = [one for one in list_grants(request.app.state.workspace) if one.account == actor.name]
    used = [(one, local_time(one.granted_at.isoformat()), local_time(one.until.isoformat())) for one in own[::-1]]
    return render(
        request,
        "emergency_access.html",
        status=422 if wrong else 200,
        told={"reason": "", "minutes": USUAL_MINUTES} | told,
        wrong=wrong or [],
        used=used,
        most=MOST_MINUTES,
        letters=REASON_LETTERS,
    )
