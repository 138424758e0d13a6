"""What is done to approvals from a page: request, amend, confirm, countersign, revoke, and who answers for a source.

The rules are those of `governance.register`; a text that is not well formed comes back with each fault at its line.
"""

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from pydantic import BaseModel

from api.frame.failures import JSON_ROOT, PageRoute
from api.frame.pages import language_of, render, see
from api.frame.permission import needs
from api.oversight.approval_words import Fault, faults
from api.oversight.approvals import ApprovalInFull, approval_page, in_full, may, titles, versions_of
from governance import access, data_owners, register
from governance.access import Actor
from governance.account_state import Role
from governance.accounts import list_accounts
from governance.policy import Action
from governance.register import Registered
from governance.workspace import Workspace
from vocabulary.errors import ApprovalError, WorkspaceError
from vocabulary.source import load_sources
from vocabulary.texts import text, use_language

router = APIRouter(route_class=PageRoute)

FILE = "text.toml"
"""What a text is called in messages; a page has no file."""

LONGEST = 200_000

Requester = Annotated[Actor, Depends(needs(Action.REQUEST_APPROVAL))]
Confirmer = Annotated[Actor, Depends(needs(Action.CONFIRM_APPROVAL))]
Countersigner = Annotated[Actor, Depends(needs(Action.COUNTERSIGN_APPROVAL))]
Revoker = Annotated[Actor, Depends(needs(Action.REVOKE_APPROVAL))]
Namer = Annotated[Actor, Depends(needs(Action.NAME_DATA_OWNER))]
Toml = Annotated[str, Form(max_length=LONGEST)]
Listed = Annotated[UploadFile | None, File()]
Reason = Annotated[str, Form(max_length=2000)]


class Text(BaseModel):
    """An approval as the text of its file."""

    toml: str


class Source(BaseModel):
    """A source whose reading is agreed to."""

    source: str


class Revocation(BaseModel):
    """Why an approval ends; with `waiting_only`, only the amendment that waits."""

    reason: str
    waiting_only: bool = False


@router.get("/approvals/request/new", include_in_schema=False)
def new(request: Request, actor: Requester) -> Response:
    """The form of a request, with an example to start from."""
    return _form(request, actor, text("overseeing.approval_example", language=language_of(request)), None)


@router.post("/approvals", include_in_schema=False)
def add(request: Request, actor: Requester, toml: Toml = "", listed: Listed = None) -> Response:
    """Register what was written."""
    return _entered(request, actor, toml, listed, None)


@router.get("/approvals/{approval_id}/amend", include_in_schema=False)
def amended(request: Request, actor: Requester, approval_id: str) -> Response:
    """The form of an amendment, with the text in force."""
    workspace: Workspace = request.app.state.workspace
    versions_of(workspace, approval_id)
    return _form(request, actor, register.show(workspace, approval_id).text, approval_id)


@router.post("/approvals/{approval_id}/amend", include_in_schema=False)
def amend(request: Request, actor: Requester, approval_id: str, toml: Toml = "", listed: Listed = None) -> Response:
    """Register a further version."""
    return _entered(request, actor, toml, listed, approval_id)


@router.post(JSON_ROOT + "v1/approvals", status_code=201)
def add_json(request: Request, actor: Requester, given: Text) -> ApprovalInFull:
    """Request an approval."""
    return _told(request, _enter(request.app.state.workspace, actor, given.toml, None, None))


@router.post(JSON_ROOT + "v1/approvals/{approval_id}/versions", status_code=201)
def amend_json(request: Request, actor: Requester, approval_id: str, given: Text) -> ApprovalInFull:
    """Request a further version of an approval."""
    return _told(request, _enter(request.app.state.workspace, actor, given.toml, None, approval_id))


@router.post("/approvals/{approval_id}/confirm", include_in_schema=False)
def confirm(request: Request, actor: Confirmer, approval_id: str) -> Response:
    """Confirm what waits, as the second person."""
    workspace = request.app.state.workspace
    return _done(
        request, actor, approval_id, "confirm", lambda: register.confirm(workspace, approval_id, actor=actor.name)
    )


@router.post(JSON_ROOT + "v1/approvals/{approval_id}/confirmation")
def confirm_json(request: Request, actor: Confirmer, approval_id: str) -> ApprovalInFull:
    """Confirm the version that waits."""
    return _told(request, register.confirm(request.app.state.workspace, approval_id, actor=actor.name))


@router.post("/approvals/{approval_id}/countersign", include_in_schema=False)
def countersign(
    request: Request, actor: Countersigner, approval_id: str, source: Annotated[str, Form(max_length=64)]
) -> Response:
    """Agree to the reading of a source, as the one who answers for it."""
    return _done(
        request, actor, approval_id, "countersign", lambda: _countersigned(request, actor, approval_id, source)
    )


@router.post(JSON_ROOT + "v1/approvals/{approval_id}/countersignatures")
def countersign_json(request: Request, actor: Countersigner, approval_id: str, given: Source) -> ApprovalInFull:
    """Countersign the version that waits, for a source."""
    return _told(request, _countersigned(request, actor, approval_id, given.source))


@router.post("/approvals/{approval_id}/revoke", include_in_schema=False)
def revoke(
    request: Request,
    actor: Revoker,
    approval_id: str,
    reason: Reason = "",
    waiting_only: Annotated[bool, Form()] = False,
) -> Response:
    """End an approval, or the amendment that waits."""
    workspace = request.app.state.workspace

    def done() -> Registered:
        return register.revoke(workspace, approval_id, reason=reason, actor=actor.name, waiting_only=waiting_only)

    return _done(request, actor, approval_id, "revoke", done)


@router.post(JSON_ROOT + "v1/approvals/{approval_id}/revocation")
def revoke_json(request: Request, actor: Revoker, approval_id: str, given: Revocation) -> ApprovalInFull:
    """End an approval, or the amendment that waits."""
    workspace: Workspace = request.app.state.workspace
    return _told(request, register.revoke(workspace, approval_id, actor=actor.name, **given.model_dump()))


@router.get("/approvals/sources/owners", include_in_schema=False)
def owners(request: Request, actor: Namer) -> Response:
    """Who answers for each source."""
    return _owners(request, None)


@router.post("/approvals/sources/owners", include_in_schema=False)
def set_owner(
    request: Request,
    actor: Namer,
    source: Annotated[str, Form(max_length=64)],
    account: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Say who answers for a source from now on."""
    workspace: Workspace = request.app.state.workspace
    use_language(language_of(request))
    known = load_sources(workspace.sources_folder)
    try:
        if source not in known:
            raise ApprovalError("approval.owner_source_unknown", source=source, known=", ".join(known))
        data_owners.set_owner(workspace, source, account, actor=actor.name)
    except (ApprovalError, WorkspaceError) as error:
        return _owners(request, (source, str(error)))
    return see("/approvals/sources/owners")


def _owners(request: Request, wrong: tuple[str, str] | None) -> Response:
    workspace: Workspace = request.app.state.workspace
    sources = load_sources(workspace.sources_folder)
    return render(
        request,
        "approval_owners.html",
        status=400 if wrong else 200,
        titles=titles(sources, language_of(request)),
        owners=data_owners.owners(workspace),
        accounts=[one.name for one in list_accounts(workspace) if one.role is Role.DATA_OWNER],
        wrong=wrong,
    )


def _entered(request: Request, actor: Actor, toml: str, listed: UploadFile | None, amends: str | None) -> Response:
    """Register what a form holds; the form again where it is not well formed."""
    use_language(language_of(request))
    numbers = listed.file.read(LONGEST * 100) if listed is not None and listed.filename else None
    try:
        made = _enter(request.app.state.workspace, actor, toml.replace("\r\n", "\n"), numbers, amends)
    except ApprovalError as error:
        return _form(request, actor, toml, amends, error)
    return see(f"/approvals/{made.approval.id}")


def _enter(workspace: Workspace, actor: Actor, toml: str, listed: bytes | None, amends: str | None) -> Registered:
    sources = load_sources(workspace.sources_folder)
    if amends is None:
        return register.add(workspace, toml, file=FILE, sources=sources, actor=actor.name, listed=listed)
    return register.amend(workspace, amends, toml, file=FILE, sources=sources, actor=actor.name, listed=listed)


def _form(
    request: Request, actor: Actor, toml: str, amends: str | None, error: ApprovalError | None = None
) -> Response:
    wrong = faults(error, toml, FILE) if error else []
    sources = load_sources(request.app.state.workspace.sources_folder)
    return render(
        request,
        "approval_form.html",
        status=400 if error else 200,
        toml=toml,
        amends=amends,
        faults=wrong,
        lines=toml.splitlines() if error else [],
        errors=_by_place(wrong),
        sources=sources,
        titles=titles(sources, language_of(request)),
        may=may(actor),
    )


def _by_place(wrong: Sequence[Fault]) -> dict[str, str]:
    """What is wrong by the place in the page where it stands: a line, or the whole text."""
    found: dict[str, str] = {}
    for one in wrong:
        place = f"line-{one.line}" if one.line else "toml"
        found[place] = f"{found[place]} {one.words}" if place in found else one.words
    return found


def _countersigned(request: Request, actor: Actor, approval_id: str, source: str) -> Registered:
    workspace: Workspace = request.app.state.workspace
    access.require(workspace, actor, Action.COUNTERSIGN_APPROVAL, source=source)
    return register.countersign(workspace, approval_id, source=source, actor=actor.name)


def _done(request: Request, actor: Actor, approval_id: str, form: str, step: Callable[[], Registered]) -> Response:
    """Take a step and lead back to the approval; what speaks against it stands beside the form it came from."""
    use_language(language_of(request))
    try:
        step()
    except ApprovalError as error:
        return approval_page(request, actor, approval_id, status=409, errors={form: str(error)})
    return see(f"/approvals/{approval_id}")


def _told(request: Request, registered: Registered) -> ApprovalInFull:
    return in_full(request.app.state.workspace, registered.approval.id, language_of(request))
