"""The runs: which there were, what went into one and came out, whether it is as it was written, and its crate."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.frame.failures import JSON_ROOT, PageRoute
from api.frame.pages import language_of, render
from api.frame.paging import PAGE_ROWS, page_of
from api.frame.permission import needs
from api.runs.operating import Operating
from api.runs.run_told import RunInFull, RunList, read_list, read_run, source_titles
from governance import jobs
from governance.access import Actor, scope_of
from governance.actions import Action
from governance.digest import sha256
from governance.policy import Scope
from governance.runlog import Kind
from governance.runs import PublishedRun, list_runs
from governance.verify import Verification, verify
from governance.workspace import Workspace
from vocabulary.texts import use_language

router = APIRouter(route_class=PageRoute)

Viewer = Annotated[Actor, Depends(needs(Action.VIEW_RUNS))]
PageNumber = Annotated[int, Query(ge=1, le=10_000)]
PageRows = Annotated[int, Query(ge=1, le=500)]


def service(request: Request) -> Operating:
    """What operators can do, in the language of the request; 404 where none of it is served."""
    found: Operating | None = request.app.state.services.operating
    if found is None:
        raise HTTPException(404)
    use_language(language_of(request))
    return found


def published(request: Request, run_id: str) -> PublishedRun:
    """The run of this id; 404 where there is none."""
    workspace: Workspace = request.app.state.workspace
    found = next((one for one in list_runs(workspace) if one.run_id == run_id), None)
    if found is None:
        raise HTTPException(404)
    return found


def sees_all(actor: Actor) -> bool:
    """Whether counts are told to the last one, and who did what; others are told statistics."""
    return scope_of(actor, Action.VIEW_RUNS) is Scope.ALL


def sees_children(actor: Actor) -> bool:
    """Whether person ids are told: who may see all of a run and hand out what is in it."""
    return sees_all(actor) and scope_of(actor, Action.EXPORT_RUN) is Scope.ALL


def may(actor: Actor) -> dict[str, bool]:
    """What is offered beside looking."""
    actions = (Action.START_RUN, Action.VIEW_REJECTS, Action.VERIFY_LOG, Action.REPLAY_RUN, Action.VIEW_APPROVALS)
    return {action.value: scope_of(actor, action) is not Scope.NONE for action in actions} | {"all": sees_all(actor)}


@router.get("/runs", response_class=HTMLResponse, include_in_schema=False)
def run_list(request: Request, actor: Viewer, page: PageNumber = 1) -> HTMLResponse:
    """The list of runs, and the job under way."""
    workspace: Workspace = request.app.state.workspace
    exact = sees_all(actor)
    total, _ = read_list(workspace, language_of(request), start=0, rows=0, exact=exact)
    current, numbers = page_of(total, page)
    start = (current - 1) * PAGE_ROWS
    _, rows = read_list(workspace, language_of(request), start=start, rows=PAGE_ROWS, exact=exact)
    under_way = next((one for one in jobs.list_jobs(workspace) if one.is_active), None)
    shown = RunList(total=total, page=current, runs=rows)
    return render(request, "runs.html", shown=shown, numbers=numbers, may=may(actor), under_way=under_way)


@router.get(JSON_ROOT + "v1/runs")
def runs_json(request: Request, actor: Viewer, page: PageNumber = 1, rows: PageRows = PAGE_ROWS) -> RunList:
    """The runs, the newest first, a page at a time."""
    workspace: Workspace = request.app.state.workspace
    start = (page - 1) * rows
    total, found = read_list(workspace, language_of(request), start=start, rows=rows, exact=sees_all(actor))
    return RunList(total=total, page=page, runs=found)


@router.get("/runs/{run_id}", response_class=HTMLResponse, include_in_schema=False)
def run(request: Request, actor: Viewer, run_id: str) -> HTMLResponse:
    """One run in words."""
    return _run_page(request, actor, run_id)


@router.get("/runs/{run_id}/verification", response_class=HTMLResponse, include_in_schema=False)
def verification(
    request: Request, actor: Viewer, run_id: str, _: Annotated[Actor, Depends(needs(Action.VERIFY_LOG))]
) -> HTMLResponse:
    """One run, and whether it and the log are as they were written; nothing is changed by looking."""
    published(request, run_id)
    use_language(language_of(request))
    return _run_page(request, actor, run_id, verify(request.app.state.workspace, run_id))


@router.get(JSON_ROOT + "v1/runs/{run_id}")
def run_json(request: Request, actor: Viewer, run_id: str) -> RunInFull:
    """One run in full."""
    found = published(request, run_id)
    return read_run(request.app.state.workspace, found, language_of(request), exact=sees_all(actor))


@router.get("/runs/{run_id}/crate.zip", include_in_schema=False)
def crate(request: Request, actor: Viewer, run_id: str) -> Response:
    """The Five Safes RO-Crate of a run: who sees all of a run may take it along. It holds nothing of a child."""
    if not sees_all(actor):
        raise HTTPException(404)
    published(request, run_id)
    archive = service(request).crate(run_id)
    name = f"{run_id}-crate.zip"
    request.app.state.workspace.log(
        actor=actor.name, kind=Kind.EXPORT, subject=run_id, body={"files": {name: sha256(archive)}}
    )
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(archive, media_type="application/zip", headers=headers)


def _run_page(request: Request, actor: Actor, run_id: str, verified: Verification | None = None) -> HTMLResponse:
    workspace: Workspace = request.app.state.workspace
    shown = read_run(workspace, published(request, run_id), language_of(request), exact=sees_all(actor))
    findings = None if verified is None else [str(finding) for finding in verified.findings]
    return render(
        request,
        "run_words.html",
        shown=shown,
        may=may(actor),
        verified=verified,
        findings=findings,
        titles=source_titles(workspace, language_of(request)),
    )
