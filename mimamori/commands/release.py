"""`mimamori release`: statistics that leave the city hall."""

from datetime import date
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
    refuse_unless_empty,
    report,
)
from mimamori.help import HelpCommand, HelpGroup
from vocabulary.texts import text

if TYPE_CHECKING:
    from governance.releases import Release

app = typer.Typer(cls=HelpGroup, no_args_is_help=True)

ReleaseId = Annotated[str, typer.Argument(metavar="ID", help=text("release.help_id"))]


@app.command("draft", cls=HelpCommand, help=text("release.command_draft"))
def draft(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help=text("cli.run_id"))],
    tables: Annotated[Path | None, typer.Option("--tables", metavar="FILE", help=text("release.help_tables"))] = None,
    table: Annotated[list[str] | None, typer.Option("--table", metavar="NAME", help=text("release.help_table"))] = None,
    year: Annotated[list[int] | None, typer.Option("--year", metavar="YEAR", help=text("release.help_year"))] = None,
    approval: Annotated[
        str | None, typer.Option("--approval", metavar="ID", help=text("release.help_approval"))
    ] = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.runs import read_artefact
    from governance.workspace import Workspace
    from mimamori import releasing
    from mimamori.release_tables import load_tables

    opened = Workspace.open(workspace)
    definitions = load_tables(tables).only(table or [])
    actor = acting(opened, account, Action.DRAFT_RELEASE)
    years = sorted({*year}) if year else [int(read_artefact(opened, run_id, "judgements", ["year"])["year"].max())]  # type: ignore[arg-type]
    made = releasing.draft(opened, run_id, definitions, years, approval=approval, today=date.today(), actor=actor)
    report(_described(made), [text("release.drafted", id=made.id, state=_state(made))], as_json=as_json)


@app.command("list", cls=HelpCommand, help=text("release.command_list"))
def list_(
    account: AccountOption = None, workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False
) -> None:
    from governance import releases

    found = releases.list_releases(opened_for(workspace, account, Action.VIEW_STATISTICS))
    rows = [
        (one.id, _state(one), local_time(one.drafted_at), one.run, ", ".join(_described(one)["tables"]))
        for one in found
    ]
    headers = [text(f"release.header_{name}") for name in ("id", "state", "drafted", "run", "tables")]
    lines = columns(headers, rows) if rows else [text("output.none")]
    report([_described(one) for one in found], lines, as_json=as_json)


@app.command("approve", cls=HelpCommand, help=text("release.command_approve"))
def approve(
    release_id: ReleaseId,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import releases
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    _report(
        releases.approve(opened, release_id, actor=acting(opened, account, Action.APPROVE_RELEASE)), as_json=as_json
    )


@app.command("publish", cls=HelpCommand, help=text("release.command_publish"))
def publish(
    release_id: ReleaseId,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help=text("release.help_out"))],
    bom: Annotated[bool, typer.Option("--bom", help=text("release.help_bom"))] = False,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import releases
    from governance.workspace import Workspace
    from mimamori.release_files import as_files

    opened = Workspace.open(workspace)
    refuse_unless_empty(out)
    actor = acting(opened, account, Action.DRAFT_RELEASE)
    files = as_files(releases.show(opened, release_id), bom=bom)
    published = releases.publish(opened, release_id, files, out, actor=actor)
    told = _described(published) | {"out": str(out), "files": [*files]}
    report(told, [text("release.published", id=release_id, files=len(files), out=out)], as_json=as_json)


@app.command("withdraw", cls=HelpCommand, help=text("release.command_withdraw"))
def withdraw(
    release_id: ReleaseId,
    reason: Annotated[str, typer.Option("--reason", metavar="R", help=text("release.help_reason"))],
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import releases
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    _report(
        releases.withdraw(opened, release_id, reason=reason, actor=acting(opened, account, Action.WITHDRAW_RELEASE)),
        as_json=as_json,
    )


@app.command("verify", cls=HelpCommand, help=text("release.command_verify"))
def verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=text("release.help_folder"))],
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import releases

    found = releases.compare(opened_for(workspace, account, Action.VIEW_STATISTICS), folder)
    report(found, [text(f"release.file_{state}", file=file) for file, state in found.items()], as_json=as_json)
    if set(found.values()) != {"same"}:
        raise typer.Exit(1)


def _report(release: "Release", *, as_json: bool) -> None:
    line = text("release.stands", id=release.id, state=_state(release))
    report(_described(release), [line], as_json=as_json)


def _state(release: "Release") -> str:
    return text(f"release.state_{release.state.value}")


def _described(release: "Release") -> dict[str, Any]:
    """What is told of a release; its tables by name alone, the numbers are in its files."""
    return {
        "id": release.id,
        "state": release.state.value,
        "run": release.run,
        "approval": release.approval,
        "years": release.document["years"],
        "tables": [table["name"] for table in release.document["tables"]],
        "drafted_by": release.drafted_by,
        "approved_by": release.approved_by,
        "published_at": release.published_at,
        "withdrawn_by": release.withdrawn_by,
        "reason": release.reason,
    }
