"""Approvals: what each lets the system read, who asked for it and who agreed, and what its versions differ in."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from api.frame.failures import JSON_ROOT, PageRoute
from api.frame.pages import language_of, render
from api.frame.paging import PAGE_ROWS, page_of
from api.frame.permission import needs
from api.frame.times import local_time
from api.oversight import approval_words as words
from governance import data_owners, register
from governance.access import Actor, scope_of
from governance.approval_state import WAITING
from governance.policy import Action, Scope
from governance.register import Registered
from governance.runlog import entries
from governance.runs import list_runs
from governance.workspace import Workspace
from vocabulary.source import Source, load_sources
from vocabulary.texts import Language, use_language

router = APIRouter(route_class=PageRoute)

Viewer = Annotated[Actor, Depends(needs(Action.VIEW_APPROVALS))]
PageNumber = Annotated[int, Query(ge=1, le=10_000)]


class ApprovalShown(BaseModel):
    """An approval in the list."""

    id: str
    title: str
    purpose: str
    authority: str
    state: str
    stands: str  # the state today, in words
    version: int
    versions: int
    waits: bool  # for a second person or a countersignature, the approval or an amendment of it
    valid_from: date
    valid_until: date
    runs: int
    max_runs: int | None


class ApprovalPage(BaseModel):
    """One page of the list."""

    total: int
    page: int
    approvals: list[ApprovalShown]


class VersionShown(BaseModel):
    """A version of an approval, and who had a part in it."""

    version: int
    state: str
    stands: str
    requested_by: str
    confirmed_by: str | None
    countersigned: dict[str, str]
    missing: list[str]
    reason: str | None
    sha256: str
    terms: dict[str, Any]
    toml: str


class ApprovalInFull(ApprovalShown):
    """An approval with its versions and the runs that were made under it."""

    history: list[VersionShown]
    made: list[tuple[str, str]]  # run and when it was published


@router.get("/approvals", response_class=HTMLResponse, include_in_schema=False)
def approval_list(request: Request, actor: Viewer, page: PageNumber = 1) -> HTMLResponse:
    """The list."""
    shown = read_list(request.app.state.workspace, page, language_of(request))
    _, numbers = page_of(shown.total, page)
    return render(request, "approvals.html", shown=shown, numbers=numbers, may=may(actor))


@router.get(JSON_ROOT + "v1/approvals")
def approvals_json(request: Request, actor: Viewer, page: PageNumber = 1) -> ApprovalPage:
    """The approvals, a page at a time."""
    return read_list(request.app.state.workspace, page, language_of(request))


@router.get("/approvals/{approval_id}", response_class=HTMLResponse, include_in_schema=False)
def approval(
    request: Request, actor: Viewer, approval_id: str, version: Annotated[int | None, Query(ge=1)] = None
) -> HTMLResponse:
    """One approval, in words: the version in force, or the one asked for."""
    return approval_page(request, actor, approval_id, version=version)


def approval_page(
    request: Request,
    actor: Actor,
    approval_id: str,
    *,
    version: int | None = None,
    status: int = 200,
    errors: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The page of an approval, with what is wrong with a form on it."""
    workspace: Workspace = request.app.state.workspace
    language = language_of(request)
    use_language(language)
    held = versions_of(workspace, approval_id)
    current = register.show(workspace, approval_id)
    chosen = held[version - 1] if version is not None and version <= len(held) else current
    waiting = next((one for one in held if one.state in WAITING), None)
    sources = load_sources(workspace.sources_folder)
    mine = actor.sources if scope_of(actor, Action.COUNTERSIGN_APPROVAL) is Scope.OWN_DEPARTMENT else sources.keys()
    return render(
        request,
        "approval_one.html",
        status=status,
        errors=errors or {},
        one=in_full(workspace, approval_id, language),
        chosen=chosen,
        chosen_stands=words.state_words(chosen, date.today(), language),
        current=current,
        waiting=waiting,
        terms=words.terms(chosen.approval, language),
        sources=words.columns(chosen.approval, sources, language),
        denied=words.denied_in(chosen.approval, sources),
        population=words.population(chosen.approval.population, language),
        owners=data_owners.owners(workspace),
        titles=titles(sources, language),
        may=may(actor),
        countersigns=[source for source in (waiting.missing if waiting else ()) if source in mine],
        when=_log_of(workspace, approval_id),
    )


@router.get(JSON_ROOT + "v1/approvals/{approval_id}")
def approval_json(request: Request, actor: Viewer, approval_id: str) -> ApprovalInFull:
    """One approval with its versions, the texts as they were registered, and the runs made under it."""
    return in_full(request.app.state.workspace, approval_id, language_of(request))


@router.get("/approvals/{approval_id}/changes", response_class=HTMLResponse, include_in_schema=False)
def changes(
    request: Request,
    actor: Viewer,
    approval_id: str,
    old: Annotated[int, Query(ge=1)] = 1,
    new: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    """What two versions of an approval differ in."""
    workspace, language = request.app.state.workspace, language_of(request)
    held = versions_of(workspace, approval_id)
    new = min(new or len(held), len(held))
    before, now = held[min(old, len(held)) - 1], held[new - 1]
    found = register.differences(before.approval, now.approval)
    return render(
        request,
        "approval_changes.html",
        id=approval_id,
        versions=len(held),
        before=before,
        now=now,
        rows=words.changed(before.approval, now.approval, found, language),
    )


def read_list(workspace: Workspace, page: int, language: Language) -> ApprovalPage:
    """One page of the approvals, by id."""
    found = register.list_approvals(workspace)
    current, _ = page_of(len(found), page)
    made = Counter(run.manifest.approval for run in list_runs(workspace))
    of_page = found[(current - 1) * PAGE_ROWS : current * PAGE_ROWS]
    shown = [
        _shown(one, register.history(workspace, one.approval.id), made[one.approval.id], language) for one in of_page
    ]
    return ApprovalPage(total=len(found), page=current, approvals=shown)


def in_full(workspace: Workspace, approval_id: str, language: Language) -> ApprovalInFull:
    """One approval; 404 where it is not registered."""
    held, current = versions_of(workspace, approval_id), register.show(workspace, approval_id)
    made = [(run.run_id, local_time(run.at)) for run in list_runs(workspace) if run.manifest.approval == approval_id]
    shown = _shown(current, held, len(made), language)
    return ApprovalInFull(**shown.model_dump(), history=[_version(one, language) for one in held], made=made)


def versions_of(workspace: Workspace, approval_id: str) -> list[Registered]:
    """Every version of an approval; 404 where it is not registered."""
    held = register.history(workspace, approval_id)
    if not held:
        raise HTTPException(404)
    return held


def _shown(one: Registered, held: list[Registered], runs: int, language: Language) -> ApprovalShown:
    approval = one.approval
    return ApprovalShown(
        **{name: getattr(approval, name) for name in ("id", "title", "purpose", "authority", "max_runs")},
        state=one.state.value,
        stands=words.state_words(one, date.today(), language),
        version=one.version,
        versions=len(held),
        waits=any(version.state in WAITING for version in held),
        valid_from=approval.valid_from,
        valid_until=approval.valid_until,
        runs=runs,
    )


def _version(one: Registered, language: Language) -> VersionShown:
    return VersionShown(
        version=one.version,
        state=one.state.value,
        stands=words.state_words(one, date.today(), language),
        requested_by=one.requested_by,
        confirmed_by=one.confirmed_by,
        countersigned=dict(one.countersigned),
        missing=list(one.missing),
        reason=one.reason,
        sha256=one.sha256,
        terms=one.approval.model_dump(mode="json"),
        toml=one.text,
    )


def _log_of(workspace: Workspace, approval_id: str) -> list[tuple[str, str, str, int]]:
    """What was done to an approval: when, what, by whom, and under which number it stands in the log."""
    with workspace.reading() as connection:
        found = entries(connection, kinds=register.KINDS)
    of_it = [one for one in found if one.subject.partition("/")[0] == approval_id]
    return [(local_time(one.at), one.kind, one.actor, one.seq) for one in of_it]


def titles(sources: Mapping[str, Source], language: Language) -> dict[str, str]:
    """What each source is called."""
    return {name: str(getattr(source.title, language)) for name, source in sources.items()}


def may(actor: Actor) -> dict[str, bool]:
    """What of approvals the actor may do at all, by the name of the action."""
    asked = (
        Action.REQUEST_APPROVAL,
        Action.CONFIRM_APPROVAL,
        Action.COUNTERSIGN_APPROVAL,
        Action.REVOKE_APPROVAL,
        Action.NAME_DATA_OWNER,
    )
    return {action.value: scope_of(actor, action) is not Scope.NONE for action in asked}
