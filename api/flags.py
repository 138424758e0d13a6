"""The list: the flags of the latest run, ranked, with their reasons. Children are pseudonymous on it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from api.failures import PageRoute
from api.pages import language_of, render
from api.paging import PAGE_ROWS, page_of
from api.permission import needs
from governance.access import Actor
from governance.policy import Action
from governance.runlog import Kind
from governance.runs import PublishedRun, last_published, read_artefact
from governance.workspace import Workspace

router = APIRouter(route_class=PageRoute)

FIRST_REASONS = 3
"""Reasons shown at once; the others are folded."""


@dataclass(frozen=True)
class FlagList:
    """What the page shows: one page of the flags of a year, and what there is to choose from."""

    run: PublishedRun
    years: list[int]
    kinds: list[str]
    year: int | None
    kind: str | None
    total: int
    held: int
    page: int
    pages: list[int | None]
    rows: list[dict[str, Any]]


@router.get("/flags", response_class=HTMLResponse)
def flag_list(
    request: Request,
    actor: Annotated[Actor, Depends(needs(Action.LIST_FLAGS))],
    year: Annotated[int | None, Query()] = None,
    kind: Annotated[str | None, Query(max_length=40)] = None,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    """Show the flags of one year; the view is in the log before the page is sent."""
    workspace: Workspace = request.app.state.workspace
    run = last_published(workspace)
    if run is None:
        return render(request, "empty.html")
    shown = _flag_list(workspace, run, year, kind or None, page)
    workspace.log(
        actor=actor.name,
        kind=Kind.VIEW,
        subject=shown.run.run_id,
        body={"page": "flags", "year": shown.year, "kind": shown.kind, "rows": len(shown.rows)},
    )
    rows = [row | _reasons(row["reasons"], language_of(request)) for row in shown.rows]
    published = f"{datetime.fromisoformat(shown.run.at).astimezone():%Y-%m-%d %H:%M}"
    return render(request, "flags.html", shown=shown, rows=rows, published=published)


def _flag_list(workspace: Workspace, run: PublishedRun, year: int | None, kind: str | None, page: int) -> FlagList:
    flags = read_artefact(workspace, run.run_id, "flags")
    held = read_artefact(workspace, run.run_id, "held_flags", ["year"])
    years = sorted(set(flags["year"]) | set(held["year"]), reverse=True)
    chosen = year if year is not None and year in years else max(years, default=None)
    in_year = pl.col("year").eq_missing(chosen)
    of_year = flags.filter(in_year).sort("rank")
    kinds = sorted(of_year["kind"].unique())
    wanted = of_year.filter(pl.col("kind") == kind) if kind in kinds else of_year
    current, pages = page_of(wanted.height, page)
    return FlagList(
        run=run,
        years=years,
        kinds=kinds,
        year=chosen,
        kind=kind if kind in kinds else None,
        total=wanted.height,
        held=held.filter(in_year).height,
        page=current,
        pages=pages,
        rows=wanted.slice((current - 1) * PAGE_ROWS, PAGE_ROWS).to_dicts(),
    )


def _reasons(reasons: str, language: str) -> dict[str, list[str]]:
    """The sentences that weigh most, and the others."""
    sentences = [reason[language] for reason in json.loads(reasons)]
    return {"first": sentences[:FIRST_REASONS], "others": sentences[FIRST_REASONS:]}
