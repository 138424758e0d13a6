"""`mimamori score`: scorecards learnt from the team's outcomes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from governance.actions import Action
from mimamori.accounts import acting, opened_for
from mimamori.console import (
    DEFAULT_WORKSPACE,
    AccountOption,
    JsonOption,
    WorkspaceOption,
    columns,
    local_time,
    report,
)
from mimamori.help import HelpCommand, HelpGroup
from vocabulary.errors import UsageError
from vocabulary.texts import text

if TYPE_CHECKING:
    from governance.score_models import ScoreModel
    from governance.workspace import Workspace
    from indicators.comparison import Comparison

app = typer.Typer(cls=HelpGroup, no_args_is_help=True)

Version = Annotated[str, typer.Argument(metavar="VERSION", help=text("score.help_version"))]


@app.command("train", cls=HelpCommand, help=text("score.command_train"))
def train(
    run_id: Annotated[str | None, typer.Argument(metavar="[RUN]", help=text("score.help_run"))] = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.workspace import Workspace
    from mimamori import learning
    from mimamori.joinings import resolve_run

    opened = Workspace.open(workspace)
    model = learning.train(opened, resolve_run(opened, run_id), actor=acting(opened, account, Action.TRAIN_SCORE))
    labels = _labels(model)
    report(_described(opened, model), [text("score.trained", version=model.version, labels=labels)], as_json=as_json)


@app.command("list", cls=HelpCommand, help=text("score.command_list"))
def list_(
    account: AccountOption = None, workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False
) -> None:
    from governance import score_models
    from mimamori.learning import state_of

    opened = opened_for(workspace, account, Action.VIEW_QUALITY)
    models = score_models.list_models(opened)
    names = ("version", "state", "trained_at", "labels", "run", "approval")
    rows = [
        (
            model.version,
            text(f"score.state_{state_of(opened, model)}"),
            local_time(model.trained_at),
            _labels(model),
            model.run,
            model.approval or "-",
        )
        for model in models
    ]
    lines = columns([text(f"score.column_{name}") for name in names], rows) if rows else [text("output.none")]
    report([_described(opened, model) for model in models], lines, as_json=as_json)


@app.command("show", cls=HelpCommand, help=text("score.command_show"))
def show(
    version: Version,
    card: Annotated[Path | None, typer.Option("--card", metavar="FILE", help=text("score.help_card"))] = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import score_models
    from indicators.model_card import signed
    from mimamori.city_rules import load_city_rules
    from mimamori.learning import card_of, state_of, write_card
    from vocabulary.texts import current_language

    opened = opened_for(workspace, account, Action.VIEW_QUALITY)
    model = score_models.show(opened, version)
    if card is not None:
        if card.exists():
            raise UsageError("score.file_exists", file=card)
        write_card(opened, model, card)
    known = load_city_rules(opened).indicators.indicators
    rows = [
        (getattr(known[name].title, current_language()) if name in known else name, *map(signed, points))
        for name, _, *points in card_of(model).scorecard.table().iter_rows()
    ]
    headers = [text("score.card_indicator"), *(text(f"score.card_surprise_{at}") for at in range(1, 9))]
    state = text(f"score.state_{state_of(opened, model)}")
    lines = [text("score.card_lead", version=version, state=state), text("score.card_points"), *columns(headers, rows)]
    written = [text("score.card_written", file=card)] if card else []
    described = _described(opened, model) | {"document": model.document, "card": str(card) if card else None}
    report(described, [*lines, *written], as_json=as_json)


@app.command("compare", cls=HelpCommand, help=text("score.command_compare"))
def compare(
    version: Version,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import score_models
    from mimamori.learning import card_of

    found = card_of(score_models.show(opened_for(workspace, account, Action.VIEW_QUALITY), version)).comparison
    if found is None:
        report(None, [text("score.not_compared")], as_json=as_json)
    else:
        report(found.model_dump(mode="json"), _compared(found), as_json=as_json)


@app.command("adopt", cls=HelpCommand, help=text("score.command_adopt"))
def adopt(
    version: Version,
    approval_id: Annotated[str, typer.Option("--approval", metavar="ID", help=text("score.help_approval"))],
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import score_models
    from governance.workspace import Workspace
    from mimamori.learning import this_day

    opened = Workspace.open(workspace)
    model = score_models.adopt(
        opened, version, approval_id, today=this_day(), actor=acting(opened, account, Action.TRAIN_SCORE)
    )
    report(_described(opened, model), [_told(model)], as_json=as_json)


@app.command("confirm", cls=HelpCommand, help=text("score.command_confirm"))
def confirm(
    version: Version,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import score_models
    from governance.workspace import Workspace
    from mimamori.learning import this_day

    opened = Workspace.open(workspace)
    model = score_models.confirm(opened, version, today=this_day(), actor=acting(opened, account, Action.ADOPT_SCORE))
    report(_described(opened, model), [_told(model)], as_json=as_json)


@app.command("retire", cls=HelpCommand, help=text("score.command_retire"))
def retire(
    version: Version,
    reason: Annotated[str, typer.Option("--reason", metavar="R", help=text("score.help_reason"))],
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import score_models
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    model = score_models.retire(opened, version, reason=reason, actor=acting(opened, account, Action.RETIRE_SCORE))
    report(_described(opened, model), [_told(model)], as_json=as_json)


def _told(model: "ScoreModel") -> str:
    return text(f"score.{model.state}", version=model.version, approval=model.approval)


def _labels(model: "ScoreModel") -> int:
    return sum(year["labels"] for year in model.document["years"])


def _compared(found: "Comparison") -> list[str]:
    """The comparison as a sentence and a table."""
    figures = ("first_year", "last_year", "judged", "hardship", "learnt_from")
    first, last, judged, hardship, learnt = (getattr(found, name) for name in figures)
    sides = (found.label_free, found.trained)
    rows = [
        (
            text("score.card_precision"),
            *(_between(side.precision, ".0%") for side in sides),
            _between(found.precision_difference, "+.0%"),
        ),
        ("AUC", *(_between(side.auc, ".2f") for side in sides), _between(found.auc_difference, "+.2f")),
        (text("score.card_calibration_error"), *(_between(side.calibration_error, ".2f") for side in sides), "-"),
    ]
    headers = [text(f"score.card_{name}") for name in ("measure", "label_free", "trained", "difference")]
    said = text("score.compared", first=first, last=last, judged=judged, hardship=hardship, learnt=learnt)
    return [said, *columns(headers, rows)]


def _between(figure: Any, form: str) -> str:
    """A figure with its interval; a dash where it is not defined."""
    return "-" if figure.value is None else f"{figure.value:{form}} ({figure.low:{form}} – {figure.high:{form}})"


def _described(workspace: "Workspace", model: "ScoreModel") -> dict[str, Any]:
    """A scorecard without its table and card."""
    from dataclasses import asdict

    from mimamori.learning import state_of

    described = asdict(model) | {"state": state_of(workspace, model), "labels": _labels(model)}
    return {name: value for name, value in described.items() if name != "document"}
