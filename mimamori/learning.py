"""Scorecards from the team's outcomes: learnt on a run, told by their card, and the one that is in use today."""

from datetime import UTC, date, datetime
from pathlib import Path

from governance import score_models
from governance.runs import load_manifest, read_artefact
from governance.score_models import ScoreModel
from governance.workspace import Workspace
from indicators.model_card import Card, learn, render_card
from indicators.score import score_changes
from indicators.scorecard import Scorecard
from mimamori.city_rules import load_city_rules
from mimamori.console import local_time
from mimamori.outcomes import current
from vocabulary.errors import WorkspaceError
from vocabulary.texts import current_language, text


def train(workspace: Workspace, run_id: str, *, actor: str) -> ScoreModel:
    """Learn a scorecard from all outcomes that hold, on the indicators of a run, and keep it.

    Raises
    ------
    MimamoriError
        There are too few outcomes.
    WorkspaceError
        There is no such run, the rules of indicators have changed since, or `actor` may not train.
    """
    rules = load_city_rules(workspace).indicators
    if load_manifest(workspace, run_id).parameters.get("indicator_rules") != rules.version:
        raise WorkspaceError("score.other_rules", run=run_id)
    indicators = read_artefact(workspace, run_id, "indicators")
    persons = read_artefact(workspace, run_id, "persons")
    card = learn(score_changes(indicators, rules), current(workspace), indicators, persons, rules, run=run_id)
    return score_models.add(workspace, card.version, run_id=run_id, document=card.model_dump(mode="json"), actor=actor)


def card_of(model: ScoreModel) -> Card:
    """The card of a kept scorecard."""
    return Card.model_validate(model.document)


def adopted_scorecard(workspace: Workspace, today: date | None = None) -> Scorecard | None:
    """The scorecard by which lists are made today; None where they are made without labels.

    For `indicators.flags.raise_flags(..., scorecard=…)`; its `version` belongs into the manifest.
    """
    model = score_models.adopted(workspace, today or this_day())
    return None if model is None else card_of(model).scorecard


def scorecard_of(workspace: Workspace, version: str | None) -> Scorecard | None:
    """The kept scorecard of this version, as a run's manifest names it; None of None."""
    return None if version is None else card_of(score_models.show(workspace, version)).scorecard


def write_card(workspace: Workspace, model: ScoreModel, file: Path) -> None:
    """Write the model card as HTML in the reader's language."""
    page = render_card(
        card_of(model),
        load_city_rules(workspace).indicators,
        language=current_language(),
        state=text(f"score.state_{state_of(workspace, model)}"),
        trained_at=local_time(model.trained_at),
    )
    file.write_text(page, encoding="utf-8")


def state_of(workspace: Workspace, model: ScoreModel) -> str:
    """Where a scorecard stands; `lapsed` where it is adopted and its approval is no longer in force."""
    if model.state != "adopted":
        return model.state.value
    return "adopted" if score_models.adopted(workspace, this_day()) is not None else "lapsed"


def this_day() -> date:
    """Today, by the local calendar."""
    return datetime.now(UTC).astimezone().date()
