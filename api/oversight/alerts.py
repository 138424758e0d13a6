"""What oversight is told of: alerts, each to be acknowledged, and uses of emergency access, each to be reviewed.

Which child an emergency access was for is not shown. Its reason may tell of one, so that it is read is logged first.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from api.frame.failures import JSON_ROOT, PageRoute
from api.frame.pages import language_of, render, see
from api.frame.paging import PAGE_ROWS, page_of
from api.frame.permission import needs
from api.frame.times import local_time
from governance import alerts, break_glass, grants, views
from governance.access import Actor, scope_of
from governance.alerts import Alert, AlertKind
from governance.grants import Grant, GrantState
from governance.policy import Action, Scope
from governance.workspace import Workspace
from vocabulary.errors import WorkspaceError
from vocabulary.texts import Language, text, use_language

router = APIRouter(route_class=PageRoute)

VERDICTS = (GrantState.JUSTIFIED, GrantState.NOT_JUSTIFIED)

Told = Annotated[Actor, Depends(needs(Action.ACKNOWLEDGE_ALERT))]
Reviewer = Annotated[Actor, Depends(needs(Action.REVIEW_BREAK_GLASS))]
PageNumber = Annotated[int, Query(ge=1, le=10_000)]


class AlertShown(BaseModel):
    """An alert."""

    id: str
    kind: str
    what: str
    about: str
    raised_at: str
    acknowledged: list[str]
    unread: bool  # for who asks


class GrantShown(BaseModel):
    """A use of emergency access, without the child and the reason."""

    id: str
    state: str
    stands: str
    account: str
    granted_at: str
    until: str
    is_open: bool
    reviewed_by: str | None


class Alerts(BaseModel):
    """One page of alerts, the newest first, and the emergency accesses that wait for a review."""

    total: int
    unread: int
    page: int
    alerts: list[AlertShown]
    grants: list[GrantShown]


@router.get("/alerts", response_class=HTMLResponse, include_in_schema=False)
def alert_list(request: Request, actor: Told, page: PageNumber = 1) -> HTMLResponse:
    """The alerts, and the uses of emergency access."""
    return _page(request, actor, page)


@router.get(JSON_ROOT + "v1/alerts")
def alerts_json(request: Request, actor: Told, page: PageNumber = 1) -> Alerts:
    """Alerts, the newest first, and uses of emergency access."""
    return _read(request.app.state.workspace, actor, page, language_of(request))


@router.post("/alerts/{alert_id}/acknowledgement", include_in_schema=False)
def acknowledge(request: Request, actor: Told, alert_id: str) -> Response:
    """Say that one has taken note."""
    _acknowledge(request, actor, alert_id)
    return see("/alerts")


@router.post(JSON_ROOT + "v1/alerts/{alert_id}/acknowledgement")
def acknowledge_json(request: Request, actor: Told, alert_id: str) -> AlertShown:
    """Say that one has taken note of an alert."""
    return _alert(_acknowledge(request, actor, alert_id), actor, language_of(request))


@router.get("/alerts/grants/{grant_id}", response_class=HTMLResponse, include_in_schema=False)
def grant(request: Request, actor: Reviewer, grant_id: str) -> HTMLResponse:
    """One use of emergency access with its reason, and the form of a review."""
    return _grant_page(request, actor, grant_id)


@router.post("/alerts/grants/{grant_id}/review", include_in_schema=False)
def review(
    request: Request,
    actor: Reviewer,
    grant_id: str,
    verdict: Annotated[str, Form(max_length=20)] = "",
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Say whether an emergency access was justified."""
    use_language(language_of(request))
    if verdict not in VERDICTS:
        return _grant_page(request, actor, grant_id, {"verdict": text("overseeing.verdict_missing")}, reason)
    try:
        state = GrantState(verdict)
        break_glass.review(request.app.state.workspace, grant_id, state, reason=reason, actor=actor)
    except WorkspaceError as error:
        if error.key == "access.grant_absent":
            raise HTTPException(404) from None
        return _grant_page(request, actor, grant_id, {"reason": str(error)}, reason)
    return see(f"/alerts/grants/{grant_id}")


def _acknowledge(request: Request, actor: Actor, alert_id: str) -> Alert:
    try:
        return alerts.acknowledge(request.app.state.workspace, alert_id, actor=actor)
    except WorkspaceError as error:
        if error.key == "access.alert_absent":
            raise HTTPException(404) from None
        raise


def _page(request: Request, actor: Actor, page: int) -> HTMLResponse:
    shown = _read(request.app.state.workspace, actor, page, language_of(request))
    _, numbers = page_of(shown.total, page)
    reviews = scope_of(actor, Action.REVIEW_BREAK_GLASS) is not Scope.NONE
    return render(request, "alerts.html", shown=shown, numbers=numbers, may_review=reviews)


def _grant_page(
    request: Request, actor: Actor, grant_id: str, errors: dict[str, str] | None = None, reason: str = ""
) -> HTMLResponse:
    workspace, language = request.app.state.workspace, language_of(request)
    found = next((one for one in grants.list_grants(workspace) if one.id == grant_id), None)
    if found is None:
        raise HTTPException(404)
    views.log_view(workspace, actor, "grant", run_id=found.id)
    return render(
        request,
        "alert_grant.html",
        status=400 if errors else 200,
        one=_grant(found, language),
        why=found.reason,
        review_reason=found.review_reason,
        waits=found.state is GrantState.GRANTED,
        own=found.account == actor.name,
        verdicts=[(one.value, text(f"overseeing.grant_{one.value}", language=language)) for one in VERDICTS],
        reason=reason,
        errors=errors or {},
    )


def _read(workspace: Workspace, actor: Actor, page: int, language: Language) -> Alerts:
    every = alerts.list_alerts(workspace)[::-1]
    current, _ = page_of(len(every), page)
    of_page = every[(current - 1) * PAGE_ROWS : current * PAGE_ROWS]
    used = grants.list_grants(workspace)[::-1] if scope_of(actor, Action.REVIEW_BREAK_GLASS) is not Scope.NONE else []
    waiting = sorted(used, key=lambda one: one.state is not GrantState.GRANTED)
    return Alerts(
        total=len(every),
        unread=sum(actor.name not in one.acknowledged for one in every),
        page=current,
        alerts=[_alert(one, actor, language) for one in of_page],
        grants=[_grant(one, language) for one in waiting[:PAGE_ROWS]],
    )


def _alert(one: Alert, actor: Actor, language: Language) -> AlertShown:
    key = f"overseeing.alert_{AlertKind(one.kind).value}"
    return AlertShown(
        id=one.id,
        kind=one.kind.value,
        what=text(key, language=language, day=one.day, about=one.about),
        about=one.about,
        raised_at=local_time(one.raised_at),
        acknowledged=sorted(one.acknowledged),
        unread=actor.name not in one.acknowledged,
    )


def _grant(one: Grant, language: Language) -> GrantShown:
    return GrantShown(
        id=one.id,
        state=one.state.value,
        stands=text(f"overseeing.grant_{one.state.value}", language=language),
        account=one.account,
        granted_at=local_time(one.granted_at.isoformat()),
        until=local_time(one.until.isoformat()),
        is_open=one.is_open(),
        reviewed_by=one.reviewed_by,
    )
