"""`mimamori subject`: what is held of a child, corrections, and objections to the use."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from governance.actions import Action
from governance.request_state import RequestStep
from mimamori.accounts import acting, opened_for
from mimamori.console import DEFAULT_WORKSPACE, AccountOption, JsonOption, WorkspaceOption, columns, day, report
from mimamori.help import HelpCommand, HelpGroup
from vocabulary.errors import UsageError
from vocabulary.texts import current_language, text

if TYPE_CHECKING:
    from governance.requests import Correction, Objection, Request
    from governance.reviews import RecordKey
    from governance.workspace import Workspace
    from mimamori.papers.paper import Paper
    from mimamori.subject import Held

app = typer.Typer(cls=HelpGroup, no_args_is_help=True)

PersonOption = Annotated[str, typer.Option("--person", metavar="ID", help=text("subject.help_person"))]
RunOption = Annotated[str | None, typer.Option("--run", metavar="RUN", help=text("subject.help_run"))]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="R", help=text("subject.help_reason"))]
OnOption = Annotated[str | None, typer.Option("--on", metavar="DATE", help=text("subject.help_on"))]
RequestId = Annotated[str, typer.Argument(metavar="ID", help=text("subject.help_id"))]


@app.command("show", cls=HelpCommand, help=text("subject.command_show"))
def show(
    person: PersonOption,
    reason: ReasonOption,
    run_id: RunOption = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=text("subject.help_out"))] = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.workspace import Workspace
    from mimamori import subject
    from mimamori.joinings import resolve_run
    from mimamori.papers.paper import write_paper
    from mimamori.papers.subject import subject_paper

    opened = Workspace.open(workspace)
    actor = acting(opened, account, Action.HANDLE_REQUEST)
    held = subject.show(opened, resolve_run(opened, run_id), person, reason=reason, actor=actor)
    paper = subject_paper(held, current_language())
    if out is not None:
        write_paper(paper, out)
    lines = [*_lines(paper), *([] if out is None else ["", text("paper.written", file=out)])]
    report(_described(held), lines, as_json=as_json)


@app.command("correct", cls=HelpCommand, help=text("subject.command_correct"))
def correct(
    record: Annotated[str, typer.Option("--record", metavar="RECORD", help=text("subject.help_record"))],
    column: Annotated[str, typer.Option("--column", metavar="COLUMN", help=text("subject.help_column"))],
    reason: ReasonOption,
    value: Annotated[str | None, typer.Option("--value", metavar="V", help=text("subject.help_value"))] = None,
    run_id: RunOption = None,
    on: OnOption = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    named = _record(record)

    from governance.workspace import Workspace
    from mimamori.joinings import resolve_run
    from mimamori.subject import correction

    opened = Workspace.open(workspace)
    actor = acting(opened, account, Action.HANDLE_REQUEST)
    asked = correction(opened, resolve_run(opened, run_id), named, column, value)
    _receive(opened, asked, reason, on, actor, as_json)


@app.command("object", cls=HelpCommand, help=text("subject.command_object"))
def object_(
    person: PersonOption,
    reason: ReasonOption,
    run_id: RunOption = None,
    on: OnOption = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.workspace import Workspace
    from mimamori.joinings import resolve_run
    from mimamori.subject import objection

    opened = Workspace.open(workspace)
    actor = acting(opened, account, Action.HANDLE_REQUEST)
    _receive(opened, objection(opened, resolve_run(opened, run_id), person), reason, on, actor, as_json)


@app.command("decide", cls=HelpCommand, help=text("subject.command_decide"))
def decide(
    request_id: RequestId,
    reason: ReasonOption,
    accept: Annotated[bool, typer.Option("--accept", help=text("subject.help_accept"))] = False,
    refuse: Annotated[bool, typer.Option("--refuse", help=text("subject.help_refuse"))] = False,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    if accept == refuse:
        raise UsageError("subject.choose")
    _step(workspace, request_id, RequestStep.ACCEPT if accept else RequestStep.REFUSE, reason, account, as_json)


@app.command("withdraw", cls=HelpCommand, help=text("subject.command_withdraw"))
def withdraw(
    request_id: RequestId,
    reason: ReasonOption,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    _step(workspace, request_id, RequestStep.WITHDRAW, reason, account, as_json)


@app.command("list", cls=HelpCommand, help=text("subject.command_list"))
def list_(
    account: AccountOption = None, workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False
) -> None:
    from governance.requests import list_requests

    told = [_told(one) for one in list_requests(opened_for(workspace, account, Action.HANDLE_REQUEST))]
    names = ("id", "kind", "state", "received", "due")
    rows = [
        (
            one["id"],
            text(f"paper.request_{one['kind']}"),
            text(f"paper.state_{one['state']}"),
            one["received"],
            one["due"],
        )
        for one in told
    ]
    table = columns([text(f"subject.column_{name}") for name in names], rows)
    report(told, table if rows else [text("output.none")], as_json=as_json)


def _receive(
    workspace: "Workspace", asked: "Correction | Objection", reason: str, on: str | None, actor: str, as_json: bool
) -> None:
    from governance.requests import receive

    made = receive(workspace, asked, reason=reason, received_on=day(on) or date.today(), actor=actor)
    report(_told(made), [text("subject.received", id=made.id, due=made.due)], as_json=as_json)


def _step(
    workspace: Path, request_id: str, taken: RequestStep, reason: str, account: str | None, as_json: bool
) -> None:
    from governance.requests import step
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    withdraws = taken is RequestStep.WITHDRAW
    actor = acting(opened, account, Action.HANDLE_REQUEST if withdraws else Action.DECIDE_REQUEST)
    made = step(opened, request_id, taken, reason=reason, actor=actor)
    report(_told(made), [text("subject.stepped", id=made.id, state=text(f"paper.state_{made.state}"))], as_json=as_json)


def _told(request: "Request") -> dict[str, str]:
    """A request without what it says of a child."""
    return {
        "id": request.id,
        "kind": request.kind.value,
        "state": request.state.value,
        "received": request.received_on.isoformat(),
        "due": request.due.isoformat(),
    }


def _described(held: "Held") -> dict[str, Any]:
    tables = {name: getattr(held, name).to_dicts() for name in ("identity", "records", "values", "listed")}
    rest = {name: value for name, value in vars(held).items() if name not in tables}
    return rest | tables


def _lines(paper: "Paper") -> list[str]:
    lines = [paper.title, *paper.lead]
    for section in paper.sections:
        lines += ["", section.title, *section.said]
        lines += [line for table in section.tables if table.rows for line in columns(table.headers, table.rows)]
    return lines


def _record(given: str) -> "RecordKey":
    """A record as it is named on the command line; a local number may hold a colon itself."""
    source, _, rest = given.partition(":")
    local_id, _, as_of = rest.rpartition(":")
    try:
        named = date.fromisoformat(as_of)
    except ValueError:
        raise UsageError("subject.record_misread") from None
    if not source or not local_id:
        raise UsageError("subject.record_misread")
    return source, local_id, named
