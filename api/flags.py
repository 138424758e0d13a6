"""The list: the flags of the latest run, ranked, with their reasons. Children are pseudonymous on it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from api.pages import PageRoute, language_of, render
from governance.runlog import Kind
from governance.runs import PublishedRun, last_published, read_artefact
from governance.workspace import Workspace, current_user

router = APIRouter(route_class=PageRoute)

PAGE_ROWS = 50
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
        actor=current_user(),
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
    pages = max(-(-wanted.height // PAGE_ROWS), 1)
    current = min(page, pages)
    return FlagList(
        run=run,
        years=years,
        kinds=kinds,
        year=chosen,
        kind=kind if kind in kinds else None,
        total=wanted.height,
        held=held.filter(in_year).height,
        page=current,
        pages=_page_numbers(current, pages),
        rows=wanted.slice((current - 1) * PAGE_ROWS, PAGE_ROWS).to_dicts(),
    )


def _reasons(reasons: str, language: str) -> dict[str, list[str]]:
    """The sentences that weigh most, and the others."""
    sentences = [reason[language] for reason in json.loads(reasons)]
    return {"first": sentences[:FIRST_REASONS], "others": sentences[FIRST_REASONS:]}


def _page_numbers(current: int, pages: int) -> list[int | None]:
    """Pages to link to: the first, the last and those around the current one; None where some are left out."""
    near = sorted({1, pages, *range(max(current - 2, 1), min(current + 2, pages) + 1)})
    numbers: list[int | None] = []
    for number in near:
        if numbers and number - (numbers[-1] or 0) > 1:
            numbers.append(None)
        numbers.append(number)
    return numbers
