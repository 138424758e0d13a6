"""Rows that were set aside: how many by rule and department, and the rows of one department, to be sent back to it.

A row is told by its file, line and column, and what to do. The value itself may tell of a child: it is shown only where
it is asked for, to who may see what was set aside of that department, and its view is in the log before.
"""

from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from api.frame.csv_safe import Encoding, csv_bytes
from api.frame.failures import JSON_ROOT, PageRoute
from api.frame.pages import language_of, render
from api.frame.paging import PAGE_ROWS, page_of
from api.frame.permission import needs
from api.runs.run_told import source_titles
from api.runs.runs import PageNumber, PageRows, published
from governance import access
from governance.access import Actor, scope_of
from governance.actions import Action
from governance.digest import sha256
from governance.policy import Scope
from governance.runlog import Kind
from governance.runs import held_artefacts, read_artefact
from governance.views import log_view
from governance.workspace import Workspace
from vocabulary.texts import Language, text

router = APIRouter(route_class=PageRoute)

Viewer = Annotated[Actor, Depends(needs(Action.VIEW_REJECTS))]
SourceName = Annotated[str, Query(max_length=64)]

ARTEFACT = "rejects"


class Group(BaseModel):
    """Rows that one rule set aside in one column of a source."""

    source: str
    rule: str
    column: str | None
    rows: int
    file: str  # of the first
    line: int
    remedy: str


class Rejected(BaseModel):
    """A row that was set aside."""

    file: str
    line: int
    column: str | None
    rule: str
    remedy: str
    value: str | None  # null where it was not asked for


class RejectedRows(BaseModel):
    """One page of the rows of a source."""

    source: str
    total: int
    page: int
    rows: list[Rejected]


@router.get("/runs/{run_id}/rejects", response_class=HTMLResponse, include_in_schema=False)
def rejects(
    request: Request,
    actor: Viewer,
    run_id: str,
    source: SourceName = "",
    page: PageNumber = 1,
    values: bool = False,
) -> HTMLResponse:
    """What was set aside by rule and department; of one department, its rows."""
    workspace: Workspace = request.app.state.workspace
    run = published(request, run_id)
    language = language_of(request)
    shown, numbers = None, list[int | None]()
    held = ARTEFACT in held_artefacts(workspace, run_id)
    if source and held:
        total = _rows(workspace, actor, run_id, source).height
        current, numbers = page_of(total, page)
        shown = _page(workspace, actor, run_id, source, language, page=current, rows=PAGE_ROWS, values=values)
    files = [one for one in run.manifest.inputs if _is_ones_own(actor, one.source)]
    return render(
        request,
        "run_rejects.html",
        run_id=run_id,
        published=run,
        groups=_groups(workspace, actor, run_id, language) if held else None,
        delivered={
            name: sum(one.delivered for one in files if one.source == name) for name in {x.source for x in files}
        },
        titles=source_titles(workspace, language_of(request)),
        source=source,
        shown=shown,
        numbers=numbers,
        values=values,
    )


@router.get(JSON_ROOT + "v1/runs/{run_id}/rejects")
def rejects_json(request: Request, actor: Viewer, run_id: str) -> list[Group]:
    """What was set aside, by source, rule and column; of one's own departments."""
    published(request, run_id)
    return _groups(request.app.state.workspace, actor, run_id, language_of(request))


@router.get(JSON_ROOT + "v1/runs/{run_id}/rejects/{source}")
def rejected_rows_json(
    request: Request,
    actor: Viewer,
    run_id: str,
    source: str,
    page: PageNumber = 1,
    rows: PageRows = PAGE_ROWS,
    values: bool = False,
) -> RejectedRows:
    """Rows of a source that were set aside; their values where `values`, and then the view is in the log."""
    published(request, run_id)
    workspace: Workspace = request.app.state.workspace
    return _page(workspace, actor, run_id, source, language_of(request), page=page, rows=rows, values=values)


@router.get("/runs/{run_id}/rejects.csv", include_in_schema=False)
def rejects_csv(
    request: Request,
    actor: Viewer,
    run_id: str,
    source: SourceName,
    encoding: Encoding = "utf-8",
    values: bool = False,
) -> Response:
    """The rows of a department as CSV, to be sent back; in the log with its digest before it is sent."""
    published(request, run_id)
    workspace: Workspace = request.app.state.workspace
    language = language_of(request)
    found = _with_remedies(_rows(workspace, actor, run_id, source), language)
    columns = ["file", "line", "column", *(["value"] if values else []), "rule", "remedy"]
    titles = {name: text(f"operating.csv_{name}", language=language) for name in columns}
    written = csv_bytes(found.select(columns).rename(titles), encoding)
    name = f"{run_id}-{source}-rejects.csv"
    body: dict[str, Any] = {"files": {name: sha256(written)}, "source": source, "rows": found.height, "values": values}
    workspace.log(actor=actor.name, kind=Kind.EXPORT, subject=run_id, body=body)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(
        written, media_type=f"text/csv; charset={'cp932' if encoding == 'cp932' else 'utf-8'}", headers=headers
    )


def meaning(rule: str, language: Language) -> str:
    """What is wrong with a row that a rule set aside, and what to do."""
    key = "refusal.rule_my_number" if rule == "my_number" else f"delivery.rule_{rule}"
    return text(key, language=language)


def _is_ones_own(actor: Actor, source: str) -> bool:
    return scope_of(actor, Action.VIEW_REJECTS) is Scope.ALL or source in actor.sources


def _rows(workspace: Workspace, actor: Actor, run_id: str, source: str) -> pl.DataFrame:
    """REJECTS of a source, once `actor` may see them."""
    access.require(workspace, actor, Action.VIEW_REJECTS, source=source)
    return read_artefact(workspace, run_id, ARTEFACT).filter(pl.col("source") == source).sort("file", "line")


def _groups(workspace: Workspace, actor: Actor, run_id: str, language: Language) -> list[Group]:
    found = read_artefact(workspace, run_id, ARTEFACT, ["source", "file", "line", "column", "rule"])
    own = found.filter(pl.col("source").is_in([one for one in found["source"].unique() if _is_ones_own(actor, one)]))
    grouped = own.sort("file", "line").group_by("source", "rule", "column", maintain_order=True)
    told = grouped.agg(rows=pl.len(), file=pl.col("file").first(), line=pl.col("line").first())
    ordered = told.sort("source", "rows", "rule", "column", descending=[False, True, False, False])
    return [Group(**row, remedy=meaning(row["rule"], language)) for row in ordered.to_dicts()]


def _with_remedies(rows: pl.DataFrame, language: Language) -> pl.DataFrame:
    remedies = {rule: meaning(rule, language) for rule in rows["rule"].unique()}
    return rows.with_columns(remedy=pl.col("rule").replace_strict(remedies, return_dtype=pl.String))


def _page(
    workspace: Workspace,
    actor: Actor,
    run_id: str,
    source: str,
    language: Language,
    *,
    page: int,
    rows: int,
    values: bool,
) -> RejectedRows:
    """Some rows; where values are asked for, the view is in the log before they are given."""
    found = _rows(workspace, actor, run_id, source)
    part = found.slice((page - 1) * rows, rows)
    if values:
        log_view(workspace, actor, "rejects", run_id=run_id, body={"source": source, "rows": part.height})
    else:
        part = part.with_columns(value=pl.lit(None, pl.String))
    told = [Rejected(**row) for row in _with_remedies(part, language).drop("source").to_dicts()]
    return RejectedRows(source=source, total=found.height, page=page, rows=told)
