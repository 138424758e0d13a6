"""`mimamori approvals`: the register of approvals."""

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
    label,
    labelled,
    report,
)
from mimamori.help import HelpCommand, HelpGroup
from vocabulary.errors import ApprovalError
from vocabulary.texts import text

if TYPE_CHECKING:
    from governance.register import Registered
    from governance.workspace import Workspace

app = typer.Typer(cls=HelpGroup, no_args_is_help=True)

ApprovalId = Annotated[str, typer.Argument(metavar="ID", help=text("cli.approval_id"))]


ListedOption = Annotated[Path | None, typer.Option("--listed", metavar="CSV", help=text("cli.approvals_listed"))]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help=text("cli.approvals_file"))]
SourceOption = Annotated[str, typer.Option("--source", metavar="SOURCE", help=text("cli.approvals_source"))]


@app.command("add", cls=HelpCommand, help=text("cli.approvals_add"))
def add(
    file: FileArgument,
    listed: ListedOption = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import register
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    given = _given(opened, file, listed)
    added = register.add(opened, file=file.name, actor=acting(opened, account, Action.REQUEST_APPROVAL), **given)
    report(_described(added), _state_lines(added), as_json=as_json)


@app.command("amend", cls=HelpCommand, help=text("cli.approvals_amend"))
def amend(
    approval_id: ApprovalId,
    file: FileArgument,
    listed: ListedOption = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import register
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    given = _given(opened, file, listed)
    before = register.show(opened, approval_id)
    added = register.amend(
        opened, approval_id, file=file.name, actor=acting(opened, account, Action.REQUEST_APPROVAL), **given
    )
    changed = register.differences(before.approval, added.approval)
    lines = [text("approval.amended", id=approval_id, version=added.version)]
    lines += [
        text("approval.changed", field=label("approval", field), old=_written(old), new=_written(new))
        for field, (old, new) in changed.items()
    ]
    described = _described(added) | {"changed": {field: list(values) for field, values in changed.items()}}
    report(described, [*lines, *_state_lines(added)], as_json=as_json)


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
    confirmed = register.confirm(opened, approval_id, actor=acting(opened, account, Action.CONFIRM_APPROVAL))
    report(_described(confirmed), _state_lines(confirmed), as_json=as_json)


@app.command("countersign", cls=HelpCommand, help=text("cli.approvals_countersign"))
def countersign(
    approval_id: ApprovalId,
    source: SourceOption,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import register
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    signed = register.countersign(
        opened, approval_id, source=source, actor=acting(opened, account, Action.COUNTERSIGN_APPROVAL)
    )
    report(_described(signed), _state_lines(signed), as_json=as_json)


@app.command("owner", cls=HelpCommand, help=text("cli.approvals_owner"))
def owner(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help=text("cli.approvals_source"))],
    name: Annotated[str, typer.Argument(metavar="NAME", help=text("cli.approvals_owner_name"))],
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.data_owners import owners, set_owner
    from governance.workspace import Workspace
    from vocabulary.source import load_sources

    opened = Workspace.open(workspace)
    known = load_sources(opened.sources_folder)
    if source not in known:
        raise ApprovalError("approval.owner_source_unknown", source=source, known=", ".join(known))
    set_owner(opened, source, name, actor=acting(opened, account, Action.NAME_DATA_OWNER))
    report(owners(opened), [text("approval.owner_set", source=source, account=name)], as_json=as_json)


@app.command("list", cls=HelpCommand, help=text("cli.approvals_list"))
def list_(
    account: AccountOption = None, workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False
) -> None:
    from governance import register

    registered = register.list_approvals(opened_for(workspace, account, Action.VIEW_APPROVALS))
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
def show(
    approval_id: ApprovalId,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import register

    opened = opened_for(workspace, account, Action.VIEW_APPROVALS)
    registered = register.show(opened, approval_id)
    shown = {
        label("approval", name): _written(value)
        for name, value in _described(registered).items()
        if name not in ("sources", "state")
    }
    shown[text("output.approval_state")] = label("state", registered.state)
    read = [(source, _written(names)) for source, names in registered.approval.sources.items()]
    lines = [*labelled(shown), "", *columns([label("runs", "source"), label("runs", "columns")], read)]
    held = register.history(opened, approval_id)
    if len(held) > 1:
        headers = [label("approval", name) for name in ("version", "state", "requested_by", "confirmed_by")]
        versions = [(one.version, label("state", one.state), one.requested_by, one.confirmed_by or "-") for one in held]
        lines += ["", *columns(headers, versions)]
    described = _described(registered) | {"versions": [_described(one) for one in held]}
    report(described, lines, as_json=as_json)


@app.command("revoke", cls=HelpCommand, help=text("cli.approvals_revoke"))
def revoke(
    approval_id: ApprovalId,
    reason: Annotated[str, typer.Option("--reason", metavar="R", help=text("cli.reason"))],
    waiting: Annotated[bool, typer.Option("--waiting", help=text("cli.approvals_waiting"))] = False,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import register
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    actor = acting(opened, account, Action.REVOKE_APPROVAL)
    revoked = register.revoke(opened, approval_id, reason=reason, actor=actor, waiting_only=waiting)
    report(_described(revoked), [text("output.registered_revoked", id=approval_id)], as_json=as_json)


def _given(opened: "Workspace", file: Path, listed: Path | None) -> dict[str, Any]:
    """What the register takes of an approval file: its text, the list of numbers, and the specifications."""
    from vocabulary.source import load_sources

    try:
        toml = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise ApprovalError("approval.unreadable", file=file) from None
    try:
        numbers = None if listed is None else listed.read_bytes()
    except OSError:
        raise ApprovalError("approval.list_unreadable", file=listed) from None
    return {"toml": toml, "listed": numbers, "sources": load_sources(opened.sources_folder)}


def _described(registered: "Registered") -> dict[str, Any]:
    return registered.approval.model_dump(mode="json") | {
        "version": registered.version,
        "countersigned": dict(registered.countersigned),
        "missing": list(registered.missing),
        "state": str(registered.state),
        "sha256": registered.sha256,
        "requested_by": registered.requested_by,
        "confirmed_by": registered.confirmed_by,
        "reason": registered.reason,
    }


def _written(value: object) -> str:
    """A value as a line tells it: a list joined, a table in parts, a dash where there is none."""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "-"
    if isinstance(value, dict):
        return "; ".join(f"{name} = {_written(part)}" for name, part in value.items() if part) or "-"
    return "-" if value is None else str(value)


def _state_lines(registered: "Registered") -> list[str]:
    """The state of an approval, and whether its period covers today."""
    from datetime import date

    approval = registered.approval
    values: dict[str, Any] = {"id": approval.id, "begin": approval.valid_from, "end": approval.valid_until}
    covers_today = approval.valid_from <= date.today() <= approval.valid_until
    state = registered.state if covers_today or registered.state != "in_force" else "outside_period"
    lines = [label("registered", state, **values)]
    if registered.missing and registered.state in ("requested", "countersigning"):
        lines.append(text("approval.missing", id=approval.id, sources=", ".join(registered.missing)))
    return lines
