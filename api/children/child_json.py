"""A child for programs, pseudonymous: by the functions, the permissions and the entries in the log of its page."""

import json
from datetime import date
from typing import Any

import polars as pl
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.children.child import PersonId, Viewer, log_child, open_child
from api.children.published import Child
from api.frame.failures import PageRoute
from governance.policy import Action

router = APIRouter(prefix="/api/v1/children", route_class=PageRoute, tags=["children"])


class Observation(BaseModel):
    """What was recorded of the child at a reference date."""

    date: date
    source: str
    item: str
    value: str


class IndicatorYear(BaseModel):
    """An indicator in a year; what is not known is null."""

    year: int
    as_of: date
    indicator: str
    value: float | None
    level: int | None
    previous_level: int | None
    previous_value: float | None
    change_z: float | None
    expected: float | None
    usual_low: float | None
    usual_high: float | None
    percentile: float | None
    entry: str | None


class JudgementYear(BaseModel):
    """A judgement of a year: its step, its word in Japanese, and what it rests on."""

    year: int
    as_of: date
    domain: str
    judgement: int
    word: str
    basis: list[dict[str, Any]]


class FlagYear(BaseModel):
    """A flag of the child."""

    year: int
    kind: str
    score: float
    rank: int | None = Field(description="null: held for a review of the link")
    already_supported: bool
    reasons: list[dict[str, Any]]


class ChildSummary(BaseModel):
    """What is held of a child, without its rows."""

    person_id: str
    run: str
    school: str | None
    sources: list[str]
    link_confidence: float
    observations: int
    flags: list[FlagYear]


@router.get("/{person_id}")
def child(request: Request, actor: Viewer, person_id: PersonId) -> ChildSummary:
    """A child and its flags."""
    found, run = _child(request, actor, person_id, "child")
    return ChildSummary(
        person_id=person_id,
        run=run,
        school=found.school,
        sources=list(found.sources),
        link_confidence=found.link_confidence,
        observations=found.timeline.height,
        flags=[FlagYear.model_validate(row | {"reasons": json.loads(row["reasons"])}) for row in _rows(found.flags)],
    )


@router.get("/{person_id}/timeline")
def timeline(request: Request, actor: Viewer, person_id: PersonId) -> list[Observation]:
    """Every observation of a child."""
    found, _ = _child(request, actor, person_id, "child_timeline")
    return [Observation.model_validate(row) for row in _rows(found.timeline)]


@router.get("/{person_id}/indicators")
def indicators(request: Request, actor: Viewer, person_id: PersonId) -> list[IndicatorYear]:
    """Every indicator of a child in every year."""
    found, _ = _child(request, actor, person_id, "child_indicators")
    return [IndicatorYear.model_validate(row) for row in _rows(found.indicators)]


@router.get("/{person_id}/judgements")
def judgements(request: Request, actor: Viewer, person_id: PersonId) -> list[JudgementYear]:
    """Every judgement of a child in every year."""
    found, _ = _child(request, actor, person_id, "child_judgements")
    rows = _rows(found.judgements)
    return [JudgementYear.model_validate(row | {"basis": json.loads(row["basis"])}) for row in rows]


def _child(request: Request, actor: Viewer, person_id: str, page: str) -> tuple[Child, str]:
    """The child and the run, once the view is in the log."""
    workspace = request.app.state.workspace
    published, found = open_child(workspace, actor, person_id, Action.VIEW_CHILD)
    log_child(workspace, actor, published, person_id, page)
    return found, published.run.run_id


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows as values, their repeated texts as texts, what is no number as not known."""
    floats = pl.selectors.float()
    return frame.with_columns(pl.selectors.categorical().cast(pl.String), floats.fill_nan(None)).to_dicts()
