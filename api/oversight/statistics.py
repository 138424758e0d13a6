"""Statistics: what was released, as tables and charts, and how a release comes about.

Only a fixed set of tables can be asked for, of whole fiscal years of the newest run; all of a release is protected
together, and with all that was released before (`governance.suppression`). Numbers are shown once a second person has
approved them and they are published. So nobody learns more from many questions than from the releases.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from pydantic import BaseModel

from api.frame.charts import bar_chart
from api.frame.failures import JSON_ROOT, PageRoute
from api.frame.pages import language_of, render, see
from api.frame.permission import needs
from api.frame.times import local_time
from api.oversight.oversight import Oversight
from api.oversight.statistic_tables import TableShown, bars, down_bars, tables_of, years_of
from governance import access, releases
from governance.access import Actor, scope_of
from governance.policy import Action, Scope
from governance.release_state import ReleaseState
from governance.releases import Release
from governance.runs import latest_run
from governance.workspace import Workspace
from vocabulary.errors import MimamoriError, RefusalError
from vocabulary.texts import Language, text, use_language

router = APIRouter(route_class=PageRoute)

Viewer = Annotated[Actor, Depends(needs(Action.VIEW_STATISTICS))]
Drafter = Annotated[Actor, Depends(needs(Action.DRAFT_RELEASE))]
Approver = Annotated[Actor, Depends(needs(Action.APPROVE_RELEASE))]
Year = Annotated[int | None, Query(ge=1900, le=2999)]

MOST_YEARS = 20


class ReleaseShown(BaseModel):
    """A release, without its numbers."""

    id: str
    state: str
    stands: str
    run: str
    years: list[int]
    tables: list[str]
    drafted_by: str
    drafted_at: str
    approved_by: str | None
    published_at: str | None
    reason: str | None


class Statistics(BaseModel):
    """The published tables of a fiscal year, and which releases there are."""

    year: int | None
    years: list[int]
    tables: list[TableShown]
    releases: list[ReleaseShown]


class ReleaseInFull(ReleaseShown):
    """A release with its tables."""

    shown: list[TableShown]


@router.get("/statistics", response_class=HTMLResponse, include_in_schema=False)
def statistics(request: Request, actor: Viewer, year: Year = None) -> HTMLResponse:
    """The published tables of a year."""
    return _page(request, actor, year)


@router.get(JSON_ROOT + "v1/statistics")
def statistics_json(request: Request, actor: Viewer, year: Year = None) -> Statistics:
    """The published tables of a fiscal year, else of the newest; a count that is null is not given."""
    return _read(request.app.state.workspace, year, language_of(request))


@router.get("/statistics/{release_id}", response_class=HTMLResponse, include_in_schema=False)
def release(request: Request, actor: Viewer, release_id: str) -> HTMLResponse:
    """One release; the numbers of one that is not published are for those who may approve it."""
    return _release_page(request, actor, release_id)


@router.get(JSON_ROOT + "v1/statistics/releases/{release_id}")
def release_json(request: Request, actor: Viewer, release_id: str) -> ReleaseInFull:
    """One release with its tables."""
    workspace: Workspace = request.app.state.workspace
    found, language = _found(workspace, release_id), language_of(request)
    tables = _tables(found, language) if _may_see(workspace, actor, found) else []
    return ReleaseInFull(**_shown(found, language).model_dump(), shown=tables)


@router.get("/statistics/{release_id}/{file}", include_in_schema=False)
def file(request: Request, actor: Viewer, release_id: str, file: str) -> Response:
    """A file of a published release, as it was published."""
    found = _found(request.app.state.workspace, release_id)
    content = _oversight(request).files(found).get(file) if found.state is ReleaseState.PUBLISHED else None
    if content is None:
        raise HTTPException(404)
    kind = "text/csv; charset=utf-8" if file.endswith(".csv") else "application/json"
    headers = {"Content-Disposition": f'attachment; filename="{release_id}-{file}"'}
    return Response(content, media_type=kind, headers=headers)


@router.post("/statistics", include_in_schema=False)
def draft(
    request: Request, actor: Drafter, years: Annotated[list[int] | None, Form(max_length=MOST_YEARS)] = None
) -> Response:
    """Count, protect and register the fixed set of tables of the newest run."""
    use_language(language_of(request))
    workspace: Workspace = request.app.state.workspace
    run = latest_run(workspace)
    offered = () if run is None else _oversight(request).years(workspace, run)
    chosen = sorted(set(years or ()).intersection(offered))
    if run is None or not chosen:
        return _page(request, actor, None, errors={"years": text("statistic.no_years")})
    try:
        made = _oversight(request).draft(workspace, run, chosen, actor.name)
    except RefusalError:
        raise
    except MimamoriError as error:
        return _page(request, actor, None, errors={"years": str(error)})
    return see(f"/statistics/{made.id}")


@router.post("/statistics/{release_id}/approval", include_in_schema=False)
def approve(request: Request, actor: Approver, release_id: str) -> Response:
    """Approve a draft, as the second person."""
    return _step(request, actor, release_id, "approve", "")


@router.post("/statistics/{release_id}/publication", include_in_schema=False)
def publish(request: Request, actor: Drafter, release_id: str) -> Response:
    """Write the files of an approved release, and show its numbers."""
    return _step(request, actor, release_id, "publish", "")


@router.post("/statistics/{release_id}/withdrawal", include_in_schema=False)
def withdraw(
    request: Request, actor: Viewer, release_id: str, reason: Annotated[str, Form(max_length=2000)] = ""
) -> Response:
    """Withdraw a release, for good; for those who may draft or approve."""
    if not _may_withdraw(actor):
        access.require(request.app.state.workspace, actor, Action.DRAFT_RELEASE)
    return _step(request, actor, release_id, "withdraw", reason)


def _step(request: Request, actor: Actor, release_id: str, step: str, reason: str) -> Response:
    use_language(language_of(request))
    workspace: Workspace = request.app.state.workspace
    _found(workspace, release_id)
    try:
        if step == "approve":
            releases.approve(workspace, release_id, actor=actor.name)
        elif step == "publish":
            _oversight(request).publish(workspace, release_id, actor.name)
        else:
            releases.withdraw(workspace, release_id, reason=reason, actor=actor.name)
    except MimamoriError as error:
        return _release_page(request, actor, release_id, errors={step: str(error)})
    return see(f"/statistics/{release_id}")


def _page(request: Request, actor: Actor, year: int | None, errors: dict[str, str] | None = None) -> HTMLResponse:
    workspace: Workspace = request.app.state.workspace
    language = language_of(request)
    read = _read(workspace, year, language)
    offered = request.app.state.services.oversight
    run = latest_run(workspace)
    may_draft = offered is not None and run is not None and scope_of(actor, Action.DRAFT_RELEASE) is not Scope.NONE
    return render(
        request,
        "statistics.html",
        status=409 if errors else 200,
        read=read,
        charts=_charts(read.tables, language),
        offered=offered.years(workspace, run) if offered is not None and run is not None and may_draft else [],
        titles=offered.table_titles(workspace, language) if offered is not None and may_draft else [],
        run=run,
        errors=errors or {},
    )


def _release_page(
    request: Request, actor: Actor, release_id: str, errors: dict[str, str] | None = None
) -> HTMLResponse:
    workspace: Workspace = request.app.state.workspace
    language = language_of(request)
    found = _found(workspace, release_id)
    sees = _may_see(workspace, actor, found)
    tables = _tables(found, language) if sees else []
    files = [f"{one['name']}.csv" for one in found.document["tables"]] + ["metadata.json"]
    return render(
        request,
        "statistic_release.html",
        status=409 if errors else 200,
        one=_shown(found, language),
        tables=tables,
        charts=_charts(tables, language),
        sees=sees,
        files=files if found.state is ReleaseState.PUBLISHED else [],
        may_approve=scope_of(actor, Action.APPROVE_RELEASE) is not Scope.NONE and actor.name != found.drafted_by,
        may_publish=scope_of(actor, Action.DRAFT_RELEASE) is not Scope.NONE,
        may_withdraw=_may_withdraw(actor),
        errors=errors or {},
    )


def _read(workspace: Workspace, year: int | None, language: Language) -> Statistics:
    every = releases.list_releases(workspace)
    published = [one for one in every if one.state is ReleaseState.PUBLISHED]
    years = sorted({one for release in published for one in years_of(release.document)}, reverse=True)
    chosen = year if year in years else next(iter(years), None)
    newest: dict[str, TableShown] = {}
    if chosen is not None:
        of_year = [one for one in published if chosen in years_of(one.document)]
        newest = {table.name: table for one in of_year for table in tables_of(one.id, one.document, chosen, language)}
    shown = [_shown(one, language) for one in reversed(every)]
    return Statistics(year=chosen, years=years, tables=[*newest.values()], releases=shown)


def _tables(found: Release, language: Language) -> list[TableShown]:
    years = years_of(found.document)
    return [table for year in years for table in tables_of(found.id, found.document, year, language)]


def _charts(tables: Sequence[TableShown], language: Language) -> list[Markup]:
    """A chart for each table, in their order; nothing for one that has no categories."""
    withheld = text("statistic.withheld_short", language=language)
    shown = [(table, bars(table) if ":" in table.measure else down_bars(table)) for table in tables]
    return [
        bar_chart(found, label=text("statistic.chart_label", language=language, title=table.title), withheld=withheld)
        if found
        else Markup("")
        for table, found in shown
    ]


def _may_see(workspace: Workspace, actor: Actor, found: Release) -> bool:
    """Whether the actor may see the numbers: everybody once they are published, before that who approves them."""
    if found.published_at is not None:
        return True
    approves = scope_of(actor, Action.APPROVE_RELEASE)
    return approves is not Scope.NONE and found.state in (ReleaseState.DRAFT, ReleaseState.APPROVED)


def _may_withdraw(actor: Actor) -> bool:
    return any(scope_of(actor, one) is not Scope.NONE for one in (Action.DRAFT_RELEASE, Action.APPROVE_RELEASE))


def _found(workspace: Workspace, release_id: str) -> Release:
    """The release of this id; 404 where there is none."""
    found = next((one for one in releases.list_releases(workspace) if one.id == release_id), None)
    if found is None:
        raise HTTPException(404)
    return found


def _shown(one: Release, language: Language) -> ReleaseShown:
    told: dict[str, Any] = {name: getattr(one, name) for name in ("id", "run", "drafted_by", "approved_by", "reason")}
    return ReleaseShown(
        **told,
        state=one.state.value,
        stands=text(f"release.state_{one.state.value}", language=language),
        years=years_of(one.document),
        tables=[str(table["title"][language]) for table in one.document["tables"]],
        drafted_at=local_time(one.drafted_at),
        published_at=None if one.published_at is None else local_time(one.published_at),
    )


def _oversight(request: Request) -> Oversight:
    offered: Oversight | None = request.app.state.services.oversight
    if offered is None:
        raise HTTPException(404)
    return offered
