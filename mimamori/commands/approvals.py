"""`mimamori approvals`: the register of approvals."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mimamori.accounts import acting
from mimamori.console import DEFAULT_WORKSPACE, AccountOption, JsonOption, WorkspaceOption, report
from vocabulary.errors import ApprovalError
from vocabulary.texts import text

if TYPE_CHECKING:
    from governance.register import Registered

app = typer.Typer(no_args_is_help=True)

ApprovalId = Annotated[str, typer.Argument(metavar="ID", help=text("cli.approval_id"))]


@app.command("add", help=text("cli.approvals_add"))
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


@app.command("confirm", help=text("cli.approvals_confirm"))
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


@app.command("list", help=text("cli.approvals_list"))
def list_(workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False) -> None:
    from governance import register
    from governance.workspace import Workspace

    registered = register.list_approvals(Workspace.open(workspace))
    lines = [
        f"{one.approval.id}\t{one.state}\t{one.approval.valid_from}–{one.approval.valid_until}\t{one.approval.title}"
        for one in registered
    ]
    report([_described(one) for one in registered], lines or [text("output.none")], as_json=as_json)


@app.command("show", help=text("cli.approvals_show"))
def show(approval_id: ApprovalId, workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False) -> None:
    from governance import register
    from governance.workspace import Workspace

    described = _described(register.show(Workspace.open(workspace), approval_id))
    report(described, [f"{name}: {value}" for name, value in described.items()], as_json=as_json)


@app.command("revoke", help=text("cli.approvals_revoke"))
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
    report(_described(revoked), [text("output.approval_revoked", id=approval_id)], as_json=as_json)


def _described(registered: "Registered") -> dict[str, Any]:
    return registered.approval.model_dump(mode="json") | {
        "state": str(registered.state),
        "sha256": registered.sha256,
        "reason": registered.reason,
    }


def _state_lines(registered: "Registered") -> list[str]:
    approval = registered.approval
    values: dict[str, Any] = {"id": approval.id, "begin": approval.valid_from, "end": approval.valid_until}
    return [text(f"output.approval_{registered.state}", **values)]
