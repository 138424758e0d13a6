"""`mimamori outcomes`: what was found of the children looked at."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from governance.actions import Action
from governance.outcome_state import Outcome
from mimamori.accounts import acting_as
from mimamori.console import DEFAULT_WORKSPACE, AccountOption, JsonOption, WorkspaceOption, columns, report
from mimamori.help import HelpCommand, HelpGroup
from vocabulary.texts import text

if TYPE_CHECKING:
    from governance.outcomes import Recorded

app = typer.Typer(cls=HelpGroup, no_args_is_help=True)


@app.command("add", cls=HelpCommand, help=text("outcome.command_add"))
def add(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help=text("outcome.help_run"))],
    person: Annotated[str, typer.Option("--person", metavar="ID", help=text("outcome.help_person"))],
    year: Annotated[int, typer.Option("--year", metavar="Y", help=text("outcome.help_year"))],
    outcome: Annotated[Outcome, typer.Option("--outcome", help=text("outcome.help_outcome"))],
    reason: Annotated[str | None, typer.Option("--reason", metavar="R", help=text("outcome.help_reason"))] = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.workspace import Workspace
    from mimamori import outcomes

    opened = Workspace.open(workspace)
    actor = acting_as(opened, account, Action.RECORD_OUTCOME, person_id=person).name
    made = outcomes.add(opened, run_id, person, year, outcome, reason=reason, actor=actor)
    report(_described(made), [text("outcome.recorded", id=made.id)], as_json=as_json)


@app.command("import", cls=HelpCommand, help=text("outcome.command_import"))
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=text("outcome.help_file"))],
    run_id: Annotated[str | None, typer.Option("--run", metavar="RUN", help=text("outcome.help_import_run"))] = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.workspace import Workspace
    from mimamori import outcomes
    from mimamori.joinings import resolve_run

    opened = Workspace.open(workspace)
    actor = acting_as(opened, account, Action.RECORD_OUTCOME)
    made = outcomes.import_file(opened, resolve_run(opened, run_id), file, actor=actor)
    listed = sum(one.run is not None for one in made)
    lines = [text("outcome.imported", count=len(made), listed=listed, elsewhere=len(made) - listed)]
    report([_described(one) for one in made], lines, as_json=as_json)


@app.command("list", cls=HelpCommand, help=text("outcome.command_list"))
def list_(
    everything: Annotated[bool, typer.Option("--all", help=text("outcome.help_all"))] = False,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import outcomes as kept
    from governance.workspace import Workspace
    from mimamori.outcomes import of_own_children, unknown_before

    opened = Workspace.open(workspace)
    actor = acting_as(opened, account, Action.RECORD_OUTCOME)
    found = of_own_children(opened, kept.list_outcomes(opened, actor=actor.name), actor)
    shown = [one for one in found if everything or one.state == "stands"]
    names = ("id", "person_id", "year", "outcome", "from", "recorded_on", "state")
    rows = [
        (
            one.id,
            one.person_id,
            one.year,
            text(f"outcome.outcome_{one.outcome}"),
            text("outcome.from_list" if one.run else "outcome.from_elsewhere"),
            one.recorded_on,
            text(f"outcome.state_{one.state}"),
        )
        for one in shown
    ]
    confirmed, hardship = unknown_before(found)
    share = f"{confirmed / hardship:.0%}" if hardship else "-"
    told = text("outcome.share_unknown", confirmed=confirmed, hardship=hardship, share=share)
    table = columns([text(f"outcome.column_{name}") for name in names], rows)
    lines = [*table, told] if rows else [text("output.none")]
    report([_described(one) for one in shown], lines, as_json=as_json)


@app.command("withdraw", cls=HelpCommand, help=text("outcome.command_withdraw"))
def withdraw(
    outcome_id: Annotated[str, typer.Argument(metavar="ID", help=text("outcome.help_id"))],
    reason: Annotated[str, typer.Option("--reason", metavar="R", help=text("outcome.help_withdraw_reason"))],
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import outcomes as kept
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    actor = acting_as(opened, account, Action.RECORD_OUTCOME, person_id=kept.person_of(opened, outcome_id)).name
    taken_back = kept.withdraw(opened, outcome_id, reason=reason, actor=actor)
    report(_described(taken_back), [text("outcome.withdrawn", id=outcome_id)], as_json=as_json)


def _described(recorded: "Recorded") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(recorded)
