"""`mimamori approvals`: the register of approvals."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mimamori.accounts import acting
from mimamori.console import (
    DEFAULT_WORKSPACE,
    AccountOption,
    JsonOption,
    WorkspaceOption,
    columns,
    label,
    labelled,
    report,
)
from mimamori.help import HelpCommand, HelpGroup
from vocabulary.errors import ApprovalError
from vocabulary.texts import text

if TYPE_CHECKING:
    from governance.register import Registered

app = typer.Typer(cls=HelpGroup, no_args_is_help=True)

ApprovalId = Annotated[str, typer.Argument(metavar="ID", help=text("cli.approval_id"))]


@app.command("add", cls=HelpCommand, help=text("cli.approvals_add"))
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=text("cli.approvals_file"))],
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import register
    from governance.workspace import Workspace
    from vocabulary.source import load_sources

    opened = Workspace.open(workspace)
    try:
        toml = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise ApprovalError("approval.unreadable", file=file) from None
    sources = load_sources(opened.sources_folder)
    added = register.add(opened, toml, file=file.name, sources=sources, actor=acting(opened, account))
    report(_described(added), _state_lines(added), as_json=as_json)


@app.command("confirm", cls=HelpCommand, help=text("cli.approvals_confirm"))
def confirm(
    approval_id: ApprovalId,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import register
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    confirmed = register.confirm(opened, approval_id, actor=acting(opened, account))
    report(_described(confirmed), _state_lines(confirmed), as_json=as_json)


@app.command("list", cls=HelpCommand, help=text("cli.approvals_list"))
def list_(workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False) -> None:
    from governance import register
    from governance.workspace import Workspace

    registered = register.list_approvals(Workspace.open(workspace))
    headers = [label("approval", name) for name in ("id", "state", "valid_from", "valid_until", "title")]
    rows = [
        (
            one.approval.id,
            label("state", one.state),
            one.approval.valid_from,
            one.approval.valid_until,
            one.approval.title,
        )
        for one in registered
    ]
    lines = columns(headers, rows) if rows else [text("output.none")]
    report([_described(one) for one in registered], lines, as_json=as_json)


@app.command("show", cls=HelpCommand, help=text("cli.approvals_show"))
def show(approval_id: ApprovalId, workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False) -> None:
    from governance import register
    from governance.workspace import Workspace

    registered = register.show(Workspace.open(workspace), approval_id)
    shown = {
        label("approval", name): _written(value)
        for name, value in _described(registered).items()
        if name not in ("sources", "state")
    }
    shown[text("output.approval_state")] = label("state", registered.state)
    read = [(source, _written(names)) for source, names in registered.approval.sources.items()]
    headers = [label("runs", "source"), label("runs", "columns")]
    report(_described(registered), [*labelled(shown), "", *columns(headers, read)], as_json=as_json)


@app.command("revoke", cls=HelpCommand, help=text("cli.approvals_revoke"))
def revoke(
    approval_id: ApprovalId,
    reason: Annotated[str, typer.Option("--reason", metavar="R", help=text("cli.reason"))],
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import register
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    revoked = register.revoke(opened, approval_id, reason=reason, actor=acting(opened, account))
    report(_described(revoked), [text("output.registered_revoked", id=approval_id)], as_json=as_json)


def _described(registered: "Registered") -> dict[str, Any]:
    return registered.approval.model_dump(mode="json") | {
        "state": str(registered.state),
        "sha256": registered.sha256,
        "requested_by": registered.requested_by,
        "confirmed_by": registered.confirmed_by,
        "reason": registered.reason,
    }


def _written(value: object) -> str:
    """A value as a line tells it: a list joined, a dash where there is none."""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "-"
    return "-" if value is None else str(value)


def _state_lines(registered: "Registered") -> list[str]:
    """The state of an approval, and whether its period covers today."""
    from datetime import date

    approval = registered.approval
    values: dict[str, Any] = {"id": approval.id, "begin": approval.valid_from, "end": approval.valid_until}
    covers_today = approval.valid_from <= date.today() <= approval.valid_until
    state = registered.state if covers_today or registered.state != "in_force" else "outside_period"
    return [label("registered", state, **values)]
