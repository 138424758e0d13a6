"""How good links and lists of a run are, for whom, and what the models in use learnt: numbers of many children."""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from pydantic import BaseModel

from api.frame.charts import bar_chart
from api.frame.failures import JSON_ROOT, PageRoute
from api.frame.pages import language_of, render
from api.frame.permission import needs
from api.frame.times import local_time
from api.oversight.oversight import Oversight
from api.oversight.statistic_tables import Bar
from governance import score_models
from governance.access import Actor
from governance.disclosure import THRESHOLD, told
from governance.policy import Action
from governance.runs import PublishedRun, last_published, read_document
from governance.score_models import ScoreModel
from governance.workspace import Workspace
from indicators.comparison import Share
from indicators.model_card import OUTCOMES_SHOWN, SUMS_SHOWN, Card
from indicators.rules import load_rules
from indicators.scorecard import SURPRISES
from vocabulary.errors import WorkspaceError
from vocabulary.texts import Language, text, use_language

router = APIRouter(route_class=PageRoute)

QUALITY = "quality"
"""Artefact of a run: estimates of it by its own reckoning."""

Viewer = Annotated[Actor, Depends(needs(Action.VIEW_QUALITY))]


class Figure(BaseModel):
    """A figure in words."""

    name: str
    value: str


class Quality(BaseModel):
    """Quality of a run."""

    run: str | None
    at: str | None
    estimates: dict[str, Any]  # by the run's own probabilities; see `mimamori.quality`
    reviewed: dict[str, Any] | None  # by reviewers of a drawn sample
    evaluated: list[Figure]  # beside a truth


class ScorecardShown(BaseModel):
    """A trained scorecard."""

    version: str
    state: str
    trained_at: str
    points: list[dict[str, Any]]
    precision: float | None  # of those put first, the share that were found in hardship
    precision_label_free: float | None
    groups: dict[str, float | None]  # the same by group


@router.get("/quality", response_class=HTMLResponse, include_in_schema=False)
def quality(request: Request, actor: Viewer) -> HTMLResponse:
    """The quality of the newest run."""
    workspace: Workspace = request.app.state.workspace
    language = language_of(request)
    use_language(language)
    run = last_published(workspace)
    offered: Oversight | None = request.app.state.services.oversight
    estimates = _estimates(workspace, run)
    evaluated = offered.evaluated(workspace, run.run_id, language) if offered and run else None
    return render(
        request,
        "quality.html",
        run=run,
        published=None if run is None else local_time(run.at),
        rows=_rows(estimates, language),
        reviewed=offered.reviewed(workspace, run.run_id) if offered and run else None,
        evaluated=evaluated,
        chart=_chart(evaluated.lists, language) if evaluated else None,
        models=[(one, local_time(one.trained_at)) for one in reversed(score_models.list_models(workspace))],
        offered=offered is not None,
    )


@router.get(JSON_ROOT + "v1/quality")
def quality_json(request: Request, actor: Viewer) -> Quality:
    """The quality of the newest run."""
    workspace: Workspace = request.app.state.workspace
    language = language_of(request)
    use_language(language)
    run = last_published(workspace)
    offered: Oversight | None = request.app.state.services.oversight
    found = offered.evaluated(workspace, run.run_id, language) if offered and run else None
    told = [*found.linkage, *((name, said) for name, _, said in found.lists)] if found else []
    return Quality(
        run=run.run_id if run else None,
        at=run.at if run else None,
        estimates=_estimates(workspace, run),
        reviewed=offered.reviewed(workspace, run.run_id) if offered and run else None,
        evaluated=[Figure(name=name, value=said) for name, said in told],
    )


@router.get("/quality/linkage-model", response_class=HTMLResponse, include_in_schema=False)
def linkage_model(request: Request, actor: Viewer) -> HTMLResponse:
    """What the linkage model of the newest run has learnt, in words."""
    use_language(language_of(request))
    workspace: Workspace = request.app.state.workspace
    run = last_published(workspace)
    offered: Oversight | None = request.app.state.services.oversight
    if run is None or offered is None:
        raise HTTPException(404)
    try:
        card = offered.model_card(workspace, run.run_id)
    except WorkspaceError:  # an early run kept none, or its key was destroyed
        raise HTTPException(404) from None
    return render(request, "quality_model.html", card=card)


@router.get("/quality/scorecards/{version}", response_class=HTMLResponse, include_in_schema=False)
def scorecard(request: Request, actor: Viewer, version: str) -> HTMLResponse:
    """The card of a trained scorecard."""
    language = language_of(request)
    model, card = _card(request.app.state.workspace, version)
    own = request.app.state.workspace.path / "indicators.toml"
    rules = load_rules(own if own.is_file() else None)
    titles = {name: str(getattr(rule.title, language)) for name, rule in rules.indicators.items()}
    return render(
        request,
        "quality_scorecard.html",
        model=model,
        card=card,
        trained_at=local_time(model.trained_at),
        titles=titles,
        points=card.scorecard.table().to_dicts(),
        outcomes=OUTCOMES_SHOWN,
        sums=SUMS_SHOWN,
        example=card.scorecard.probability(np.array(SUMS_SHOWN)).tolist(),
        surprises=SURPRISES,
        told=told,
        share=_share,
    )


@router.get(JSON_ROOT + "v1/scorecards/{version}")
def scorecard_json(request: Request, actor: Viewer, version: str) -> ScorecardShown:
    """A trained scorecard: what it weighs, and how often it errs, in shares of ten children or more."""
    model, card = _card(request.app.state.workspace, version)
    compared = card.comparison
    return ScorecardShown(
        version=version,
        state=model.state.value,
        trained_at=model.trained_at,
        points=card.scorecard.table().to_dicts(),
        precision=compared.trained.precision.value if compared else None,
        precision_label_free=compared.label_free.precision.value if compared else None,
        groups={one.group: one.precision.value for one in card.groups},
    )


def _card(workspace: Workspace, version: str) -> tuple[ScoreModel, Card]:
    model = next((one for one in score_models.list_models(workspace) if one.version == version), None)
    if model is None:
        raise HTTPException(404)
    return model, Card.model_validate(model.document)


def _estimates(workspace: Workspace, run: PublishedRun | None) -> dict[str, Any]:
    """What the run kept of its own reckoning; nothing where there is none, or it was disposed of."""
    if run is None:
        return {}
    try:
        found = read_document(workspace, run.run_id, QUALITY)
    except WorkspaceError:
        return {}
    return dict(found) if isinstance(found, dict) else {}


def _rows(estimates: dict[str, Any], language: Language) -> list[tuple[str, str]]:
    """The estimates in words, with what each says."""

    def say(key: str, **values: object) -> str:
        return text(f"overseeing.quality_{key}", language=language, **values)

    confidence, flags = estimates.get("link_confidence", {}), estimates.get("flags", {})
    rows = [
        (say("below", level=level), _percent(confidence.get(f"share_below_{level}"), 1)) for level in (0.5, 0.9, 0.99)
    ]
    rows += [
        (say("median"), _number(confidence.get("quantile_0.5"))),
        (say("lowest"), _number(confidence.get("quantile_0.05"))),
    ]
    rows.append((say("expected_precision"), _percent(estimates.get("expected_precision"), 2)))
    rows.append((say("held"), _percent(flags.get("share_held"), 1)))
    rows.append((say("expected_right"), _percent(flags.get("expected_right"), 0)))
    return rows if estimates else []


def _chart(lists: Sequence[tuple[str, float | None, str]], language: Language) -> Markup:
    """How many of those listed had a change of hardship, by the length of the list."""
    found = [
        Bar(name=name, count=None if value is None else round(100 * value), words=said) for name, value, said in lists
    ]
    label = text("overseeing.evaluated_lists", language=language)
    return bar_chart(found, label=label, withheld="–")


def _share(share: Share) -> str:
    """A share of ten or more with its interval, in whole percent, without what it is of."""
    if share.value is None or share.of < THRESHOLD:
        return "–"
    return f"{share.value:.0%} ({share.low:.0%}–{share.high:.0%})"


def _percent(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}%}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
