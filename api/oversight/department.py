"""What was done with a department's records, for the one who answers for them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Annotated

import polars as pl
from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.frame.csv_safe import csv_bytes
from api.frame.failures import JSON_ROOT, PageRoute
from api.frame.pages import language_of, render
from api.frame.permission import needs
from api.oversight.approvals import titles
from api.oversight.department_use import Use, read_use
from api.oversight.log import day_of
from governance import access
from governance.access import Actor, scope_of
from governance.policy import Action, Scope
from governance.workspace import Workspace
from vocabulary.fiscal import fiscal_year
from vocabulary.source import load_sources
from vocabulary.texts import Language, text

router = APIRouter(route_class=PageRoute)

Viewer = Annotated[Actor, Depends(needs(Action.VIEW_DEPARTMENT_USE))]
SourceName = Annotated[str, Query(max_length=64)]
Day = Annotated[str, Query(max_length=10)]


@router.get("/department", response_class=HTMLResponse, include_in_schema=False)
def department(
    request: Request, actor: Viewer, source: SourceName = "", since: Day = "", until: Day = ""
) -> HTMLResponse:
    """The uses of one source in a period; of one's own sources the first, where none is chosen."""
    workspace, language = request.app.state.workspace, language_of(request)
    named = titles(load_sources(workspace.sources_folder), language)
    mine = sources_of(actor, named)
    chosen = source or next(iter(mine), "")
    first, last = _period(since, until)
    use = _use(workspace, actor, chosen, first, last, language) if chosen else None
    asked = {"source": chosen, "since": first.isoformat(), "until": last.isoformat()}
    return render(
        request,
        "department.html",
        use=use,
        titles={name: named.get(name, name) for name in mine},
        asked=asked,
        wrong_day=any(written and day_of(written) is None for written in (since, until)) or first > last,
    )


@router.get("/department/use.csv", include_in_schema=False)
def department_csv(request: Request, actor: Viewer, source: SourceName, since: Day = "", until: Day = "") -> Response:
    """The same as a file."""
    language = language_of(request)
    use = _use(request.app.state.workspace, actor, source, *_period(since, until), language)
    name = f"use-{use.source}-{use.since}-{use.until}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    names, *rows = _rows(use, language)
    table = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return Response(csv_bytes(table, "utf-8"), media_type="text/csv; charset=utf-8", headers=headers)


@router.get(JSON_ROOT + "v1/department/{source}")
def department_json(request: Request, actor: Viewer, source: str, since: Day = "", until: Day = "") -> Use:
    """Every use of a source in a period (days as YYYY-MM-DD, both included; else the fiscal year so far)."""
    return _use(request.app.state.workspace, actor, source, *_period(since, until), language_of(request))


def sources_of(actor: Actor, known: dict[str, str]) -> list[str]:
    """Sources whose use the actor may see."""
    return [*known] if scope_of(actor, Action.VIEW_DEPARTMENT_USE) is Scope.ALL else sorted(actor.sources)


def _use(workspace: Workspace, actor: Actor, source: str, since: date, until: date, language: Language) -> Use:
    access.require(workspace, actor, Action.VIEW_DEPARTMENT_USE, source=source)
    if source not in load_sources(workspace.sources_folder) and source not in actor.sources:
        raise HTTPException(404)
    return read_use(workspace, source, since, until, language)


def _period(since: str, until: str) -> tuple[date, date]:
    """The days asked for; else from the beginning of this fiscal year until today."""
    today = datetime.now(UTC).astimezone().date()
    return day_of(since) or date(fiscal_year(today), 4, 1), day_of(until) or today


def _rows(use: Use, language: Language) -> Iterator[list[str]]:
    """A row for each use: what, when, run, by whom, and what else there is to say."""

    def say(key: str, **values: object) -> str:
        return text(f"overseeing.{key}", language=language, **values)

    yield [say(f"csv_{name}") for name in ("what", "at", "run", "by", "detail")]
    for run in use.runs:
        figures = {"delivered": run.delivered, "accepted": run.accepted, "set_aside": run.set_aside}
        columns = ", ".join(run.columns) if run.columns is not None else say("columns_all")
        said = say("csv_run_said", approval=run.approval, columns=columns, **figures)
        yield [text("entry.run_published", language=language), run.at, run.run, run.by, said]
    for export in use.exports:
        said = f"{export.recipient or '–'}: {', '.join(export.tables)}"
        yield [text("entry.export", language=language), export.at, export.run, export.by, said]
    for release in use.releases:
        said = f"{release.release}: {text(f'release.state_{release.state}', language=language)}"
        yield [text("entry.release", language=language), release.at, release.run, release.by, said]
    for disposal in use.disposals:
        yield [
            text("entry.disposal", language=language),
            disposal.at,
            disposal.run,
            disposal.by,
            ", ".join(disposal.classes),
        ]
    for view in use.views:
        yield [
            text("entry.view", language=language),
            "",
            "",
            "",
            f"{view.what}: {say('views_count', views=view.views)}",
        ]
