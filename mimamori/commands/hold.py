"""`mimamori hold`: what is not disposed of for now."""

from typing import Annotated

import typer

from governance.actions import Action
from mimamori.accounts import acting, opened_for
from mimamori.console import DEFAULT_WORKSPACE, AccountOption, JsonOption, WorkspaceOption, local_time, report
from mimamori.help import HelpCommand, HelpGroup
from vocabulary.texts import text

app = typer.Typer(cls=HelpGroup, no_args_is_help=True)

Target = Annotated[str, typer.Argument(metavar="ID", help=text("retention.hold_target_help"))]
Reason = Annotated[str, typer.Option("--reason", metavar="R", help=text("retention.hold_reason_help"))]


@app.command("add", cls=HelpCommand, help=text("retention.hold_add"))
def add(
    target: Target,
    reason: Reason,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.holds import place
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    hold = place(opened, target, reason=reason, actor=acting(opened, account, Action.HOLD))
    report(vars(hold), [text("retention.held", target=target)], as_json=as_json)


@app.command("release", cls=HelpCommand, help=text("retention.hold_release"))
def release(
    target: Target,
    reason: Reason,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.holds import release as lift
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    waiting = lift(opened, target, reason=reason, actor=acting(opened, account, Action.LIFT_HOLD))
    key = "retention.released" if waiting is None else "retention.release_waits"
    report({"target": target, "released": waiting is None}, [text(key, target=target)], as_json=as_json)


@app.command("list", cls=HelpCommand, help=text("retention.hold_list"))
def list_(
    account: AccountOption = None, workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False
) -> None:
    from governance.holds import list_holds

    found = list_holds(opened_for(workspace, account, Action.HOLD))
    lines = [
        text(
            "retention.hold_line",
            target=hold.target,
            by=hold.placed_by,
            at=local_time(hold.placed_at),
            reason=hold.reason,
        )
        for hold in found
    ]
    report([vars(hold) for hold in found], lines or [text("output.none")], as_json=as_json)
