"""`mimamori access`: emergency access, what others are told of it, and who saw what."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from governance.actions import Action
from mimamori.accounts import acting_as
from mimamori.console import (
    DEFAULT_WORKSPACE,
    AccountOption,
    JsonOption,
    WorkspaceOption,
    columns,
    day,
    local_time,
    report,
)
from mimamori.help import HelpCommand, HelpGroup
from vocabulary.errors import UsageError
from vocabulary.texts import text

if TYPE_CHECKING:
    from governance.grants import Grant

app = typer.Typer(cls=HelpGroup, no_args_is_help=True)

VERDICTS = ("justified", "not_justified")

PersonOption = Annotated[str, typer.Option("--person", metavar="ID", help=text("access.help_person"))]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="R", help=text("access.help_reason"))]


@app.command("break-glass", cls=HelpCommand, help=text("access.command_break_glass"))
def break_glass(
    person: PersonOption,
    reason: ReasonOption,
    minutes: Annotated[int, typer.Option("--minutes", metavar="N", help=text("access.help_minutes"))] = 60,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.break_glass import use
    from governance.runs import read_artefact
    from governance.workspace import Workspace
    from mimamori.joinings import resolve_run

    opened = Workspace.open(workspace)
    actor = acting_as(opened, account, Action.BREAK_GLASS)
    run_id = resolve_run(opened, None)
    if person not in read_artefact(opened, run_id, "persons", ["person_id"])["person_id"]:
        raise UsageError("access.no_person", run=run_id)
    given = use(opened, person, reason=reason, minutes=minutes, actor=actor)
    until = local_time(given.until.isoformat())
    report(_described(given), [text("access.granted", id=given.id, until=until)], as_json=as_json)


@app.command("grants", cls=HelpCommand, help=text("access.command_grants"))
def grants(
    account: AccountOption = None, workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False
) -> None:
    from governance.grants import list_grants
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    acting_as(opened, account, Action.REVIEW_BREAK_GLASS)
    found = list_grants(opened)
    names = ("id", "account", "granted_at", "until", "state", "reason")
    rows = [
        (
            one.id,
            one.account,
            local_time(one.granted_at.isoformat()),
            local_time(one.until.isoformat()),
            text(f"access.state_{one.state}"),
            one.reason,
        )
        for one in found
    ]
    lines = columns([text(f"access.column_{name}") for name in names], rows) if rows else [text("output.none")]
    report([_described(one) for one in found], lines, as_json=as_json)


@app.command("review", cls=HelpCommand, help=text("access.command_review"))
def review(
    grant_id: Annotated[str, typer.Argument(metavar="GRANT", help=text("access.help_grant"))],
    verdict: Annotated[str, typer.Option("--verdict", metavar="V", help=text("access.help_verdict"))],
    reason: ReasonOption,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.break_glass import review as review_grant
    from governance.grants import GrantState
    from governance.workspace import Workspace

    if verdict not in VERDICTS:
        raise UsageError("access.verdict_unknown", verdict=verdict)
    opened = Workspace.open(workspace)
    actor = acting_as(opened, account, Action.REVIEW_BREAK_GLASS)
    reviewed = review_grant(opened, grant_id, GrantState(verdict), reason=reason, actor=actor)
    told = text("access.reviewed", id=grant_id, state=text(f"access.state_{reviewed.state}"))
    report(_described(reviewed), [told], as_json=as_json)


@app.command("alerts", cls=HelpCommand, help=text("access.command_alerts"))
def alerts(
    everything: Annotated[bool, typer.Option("--all", help=text("access.help_all"))] = False,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.alerts import list_alerts, unread
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    actor = acting_as(opened, account, Action.ACKNOWLEDGE_ALERT)
    found = list_alerts(opened) if everything else unread(opened, actor)
    rows = [
        (one.id, local_time(one.raised_at), text(f"access.alert_{one.kind}", about=one.about, day=one.day))
        for one in found
    ]
    lines = columns([text(f"access.column_{name}") for name in ("id", "raised_at", "alert")], rows)
    described = [vars(one) | {"acknowledged": sorted(one.acknowledged)} for one in found]
    report(described, lines if rows else [text("output.none")], as_json=as_json)


@app.command("acknowledge", cls=HelpCommand, help=text("access.command_acknowledge"))
def acknowledge(
    alert_id: Annotated[str, typer.Argument(metavar="ID", help=text("access.help_alert"))],
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.alerts import acknowledge as take_note
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    noted = take_note(opened, alert_id, actor=acting_as(opened, account, Action.ACKNOWLEDGE_ALERT))
    told = vars(noted) | {"acknowledged": sorted(noted.acknowledged)}
    report(told, [text("access.acknowledged", id=alert_id)], as_json=as_json)


@app.command("views", cls=HelpCommand, help=text("access.command_views"))
def views(
    person: Annotated[str | None, typer.Option("--person", metavar="ID", help=text("access.help_person"))] = None,
    by: Annotated[str | None, typer.Option("--actor", metavar="NAME", help=text("access.help_actor"))] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DATE", help=text("access.help_since"))] = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import views as log
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    acting_as(opened, account, Action.VIEW_ACCESS)
    found = log.views(opened, person_id=person, actor=by, since=day(since))
    counts = log.by_actor(found)
    rows = [(name, page, times, children) for name, page, times, children in counts]
    lines = columns([text(f"access.column_{name}") for name in ("actor", "page", "times", "children")], rows)
    result: dict[str, Any] = {
        "counts": [dict(zip(("actor", "page", "times", "children"), row, strict=True)) for row in rows]
    }
    if person is not None:
        looks = [(local_time(one.at), one.actor, one.page, one.subject) for one in found]
        lines += ["", *columns([text(f"access.column_{name}") for name in ("at", "actor", "page", "of")], looks)]
        result["views"] = [{"at": one.at, "actor": one.actor, "page": one.page, "of": one.subject} for one in found]
    report(result, lines if rows else [text("output.none")], as_json=as_json)


def _described(grant: "Grant") -> dict[str, Any]:
    """A grant without the child: who reviews it is told why and by whom, not of whom."""
    return {name: value for name, value in vars(grant).items() if name != "person_id"}
