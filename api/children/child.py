"""A child's page: pseudonymous, and for whoever has the case, answers for the school or has emergency access.

The view is in the log before anything is shown. Name and address are shown on request, with a reason, on that one
answer.
"""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from api.cases.case_panel import case_panel
from api.children.child_view import child_view
from api.children.list_found import cases_of
from api.children.published import Child, Published, hold_retention, require_current
from api.frame.failures import PageRoute
from api.frame.pages import language_of, render
from api.frame.pdf import pdf
from api.frame.permission import needs
from governance.access import Actor, allowed, require, scope_of
from governance.policy import Action, Scope
from governance.runs import read_artefact
from governance.views import log_view
from governance.workspace import Workspace

router = APIRouter(prefix="/children", route_class=PageRoute, include_in_schema=False)

PersonId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
Viewer = Annotated[Actor, Depends(needs(Action.VIEW_CHILD))]

REASON_LETTERS = 500
IDENTITY = ["family_name", "given_name", "family_kana", "given_kana", "birth_date", "sex", "postal_code", "address"]
IDENTITY += ["guardian_name", "guardian_kana", "phone"]


@router.get("/{person_id}.pdf")
def child_as_pdf(request: Request, actor: Viewer, person_id: PersonId) -> Response:
    """The page of one child on paper, for a case conference, without a name."""
    workspace: Workspace = request.app.state.workspace
    published, child = open_child(workspace, actor, person_id, Action.VIEW_CHILD)
    log_child(workspace, actor, published, person_id, "child_pdf")
    values = {"view": child_view(published, child, language_of(request)), "published": published, "day": date.today()}
    threshold = workspace.settings.min_link_confidence
    return pdf(request, "child_print.html", f"{person_id}.pdf", **values, threshold=threshold)


@router.get("/{person_id}", response_class=HTMLResponse)
def child_page(request: Request, actor: Viewer, person_id: PersonId) -> HTMLResponse:
    """The page of one child, without a name."""
    workspace: Workspace = request.app.state.workspace
    published, child = open_child(workspace, actor, person_id, Action.VIEW_CHILD)
    view = child_view(published, child, language_of(request))
    log_child(workspace, actor, published, person_id, "child")
    return render(
        request,
        "child_page.html",
        view=view,
        published=published,
        case=cases_of(workspace, view.year).get(person_id),
        panel=case_panel(workspace, person_id, next((one["year"] for one in view.flags), None), actor=actor),
        threshold=workspace.settings.min_link_confidence,
        may_identify=allowed(workspace, actor, Action.VIEW_IDENTITY, person_id=person_id, school=child.school),
        may_review=scope_of(actor, Action.REVIEW_LINKS) is not Scope.NONE,
        reason_letters=REASON_LETTERS,
    )


@router.post("/{person_id}/identity", response_class=HTMLResponse)
def identity(
    request: Request,
    actor: Annotated[Actor, Depends(needs(Action.VIEW_IDENTITY))],
    person_id: PersonId,
    reason: Annotated[str, Form(max_length=REASON_LETTERS)] = "",
) -> HTMLResponse:
    """Name and address of one child; the reason is in the log, sealed, before they are read."""
    workspace: Workspace = request.app.state.workspace
    published, _ = open_child(workspace, actor, person_id, Action.VIEW_IDENTITY)
    why = reason.strip()
    if not why:
        return render(request, "child_identity.html", status=422, person_id=person_id, shown=None, reason="")
    run_id = published.run.run_id
    hold_retention(workspace, run_id, ["identities"], actor=actor.name)
    sealed = workspace.custody.seal(f"view/{run_id}/{person_id}", why.encode())
    log_child(workspace, actor, published, person_id, "identity", reason=sealed)
    found = read_artefact(workspace, run_id, "identities", ["person_id", *IDENTITY]).filter(person_id=person_id)
    shown = {name: value for name, value in found.drop("person_id").to_dicts()[0].items() if value is not None}
    return render(request, "child_identity.html", person_id=person_id, shown=shown, reason=why)


def open_child(workspace: Workspace, actor: Actor, person_id: str, action: Action) -> tuple[Published, Child]:
    """The child, once the account may do this to it.

    Raises
    ------
    RefusalError
        It may not. The refusal is in the log.
    HTTPException
        404: the run does not know the child.
    """
    published = require_current(workspace, actor=actor.name)
    require(workspace, actor, action, person_id=person_id, school=published.school_of(person_id))
    child = published.child(person_id)
    if child is None:
        raise HTTPException(404)
    return published, child


def log_child(
    workspace: Workspace, actor: Actor, published: Published, person_id: str, page: str, **body: object
) -> None:
    """Log that the account is about to be shown something of a child; show it only after this has returned."""
    log_view(workspace, actor, page, run_id=published.run.run_id, person_id=person_id, body=body)
