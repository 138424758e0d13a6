"""The list for programs: its rows, counts and the run they are of, by the functions and permissions of its pages."""

import json
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from api.children.flags import Lister, log_list
from api.children.list_choice import Choice, Hands, hands_of
from api.children.list_counts import protected_counts
from api.children.list_found import find
from api.children.published import require_current
from api.frame.failures import PageRoute
from api.frame.permission import needs
from governance.access import Actor
from governance.policy import Action
from governance.workspace import Workspace

router = APIRouter(prefix="/api/v1", route_class=PageRoute, tags=["list"])

MOST_ROWS = 200


class Asked(Choice):
    """A choice, and how many rows a page of it has."""

    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 50


class Flag(BaseModel):
    """A flag of a year; `reasons` as they are in `docs/reasons.md`."""

    person_id: str
    year: int
    rank: int | None = Field(description="null: held for a review of the link")
    kind: str
    score: float
    link_confidence: float
    already_supported: bool
    held: bool
    judgement: int | None
    school: str | None
    grade: int | None
    new: bool | None = Field(description="null: there is no run before to compare with")
    earlier: list[int]
    hands: Hands
    reasons: list[dict[str, Any]]


class Flags(BaseModel):
    """A page of the rows that were asked for."""

    run: str
    year: int | None
    capacity: int = Field(description="children of the year that the team can look at")
    total: int
    page: int
    pages: int
    flags: list[Flag]


class CountTable(BaseModel):
    """Counts by `by` and judgement; null where hidden; the margins are called `*`."""

    by: str
    cells: dict[str, dict[str, int | None]]


class Counted(BaseModel):
    """The counts of a year's list, protected as statistics are."""

    run: str
    year: int | None
    tables: list[CountTable]


class Run(BaseModel):
    """The run that pages show."""

    run: str
    approval: str
    published_at: str
    years: list[int]
    capacity: dict[int, int]


@router.get("/flags")
def flags(request: Request, actor: Lister, asked: Annotated[Asked, Query()]) -> Flags:
    """Rows of the list; the view is in the log before they are sent."""
    workspace: Workspace = request.app.state.workspace
    found = find(workspace, actor, asked)
    pages = max(-(-found.rows.height // asked.limit), 1)
    page = min(asked.page, pages)
    rows = found.rows.slice((page - 1) * asked.limit, asked.limit).with_columns(pl.col("kind").cast(pl.String))
    log_list(workspace, actor, found, rows.height)
    return Flags(
        run=found.published.run.run_id,
        year=found.year,
        capacity=found.capacity,
        total=found.rows.height,
        page=page,
        pages=pages,
        flags=[
            Flag.model_validate(
                row
                | {
                    "reasons": json.loads(row["reasons"]),
                    "earlier": row["earlier"] or [],
                    "hands": hands_of(found.cases.get(row["person_id"])),
                }
            )
            for row in rows.to_dicts()
        ],
    )


@router.get("/flags/counts")
def counts(
    request: Request,
    actor: Annotated[Actor, Depends(needs(Action.VIEW_STATISTICS))],
    year: Annotated[int | None, Query()] = None,
) -> Counted:
    """How many children are on the list, with small counts hidden."""
    workspace: Workspace = request.app.state.workspace
    published = require_current(workspace, actor=actor.name)
    chosen = published.listed.chosen_year(year)
    tables = () if chosen is None else protected_counts(workspace, published, chosen)
    cells = [
        {row: {column: table.cells[row, column] for column in table.columns} for row in table.rows} for table in tables
    ]
    told = [CountTable(by=table.name, cells=of) for table, of in zip(tables, cells, strict=True)]
    return Counted(run=published.run.run_id, year=chosen, tables=told)


@router.get("/runs/current")
def current_run(request: Request, actor: Annotated[Actor, Depends(needs(Action.VIEW_RUNS))]) -> Run:
    """The run published last."""
    published = require_current(request.app.state.workspace, actor=actor.name)
    return Run(
        run=published.run.run_id,
        approval=published.run.manifest.approval,
        published_at=published.run.at,
        years=published.listed.years,
        capacity=dict(published.listed.capacity),
    )
