"""`mimamori runs`: the run log, and the proof that nothing in it was altered."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.actions import Action
from mimamori.accounts import acting, acting_as, opened_for
from mimamori.console import (
    DEFAULT_WORKSPACE,
    AccountOption,
    JsonOption,
    WorkspaceOption,
    columns,
    label,
    labelled,
    local_time,
    note,
    progress,
    refuse_unless_empty,
    report,
)
from mimamori.help import HelpCommand, HelpGroup
from mimamori.notes import read_key, read_note
from vocabulary.errors import UsageError
from vocabulary.texts import text

if TYPE_CHECKING:
    from governance.manifest import Manifest
    from mimamori.replaying import Replayed

app = typer.Typer(cls=HelpGroup, no_args_is_help=True)

RunId = Annotated[str, typer.Argument(metavar="RUN", help=text("cli.run_id"))]


@app.command("list", cls=HelpCommand, help=text("cli.runs_list"))
def list_(
    account: AccountOption = None, workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False
) -> None:
    from governance.runs import list_runs

    published = list_runs(opened_for(workspace, account, Action.VIEW_RUNS))
    described = [
        {
            "run": one.run_id,
            "published": one.at,
            "actor": one.actor,
            "approval": one.manifest.approval,
            "persons": one.manifest.counts.get("link", {}).get("persons"),
            "flags": one.manifest.counts.get("flags", {}).get("shown"),
        }
        for one in published
    ]
    headers = [label("runs", name) for name in ("run", "published", "actor", "approval", "persons", "flags")]
    rows = [[*run.values()] for run in described]
    for row in rows:
        row[1] = local_time(str(row[1]))
    report(described, columns(headers, rows) if rows else [text("output.none")], as_json=as_json)


@app.command("show", cls=HelpCommand, help=text("cli.runs_show"))
def show(
    run_id: RunId,
    crate: Annotated[Path | None, typer.Option("--crate", metavar="DIR", help=text("replay.crate"))] = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.runs import load_manifest

    opened = opened_for(workspace, account, Action.VIEW_RUNS)
    if crate is not None:
        from mimamori.crating import write_crate

        refuse_unless_empty(crate)
        files = [str(file) for file in write_crate(opened, run_id, crate)]
        report({"run": run_id, "files": files}, [text("replay.crate_written", out=crate)], as_json=as_json)
        return
    manifest = load_manifest(opened, run_id)
    report(manifest.model_dump(mode="json"), _lines(manifest), as_json=as_json)


@app.command("verify", cls=HelpCommand, help=text("cli.runs_verify"))
def verify(
    run_id: Annotated[str | None, typer.Argument(metavar="[RUN]", help=text("cli.run_id"))] = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option("--checkpoint", metavar="FILE", help=text("log.kept"))
    ] = None,
    witness: Annotated[list[Path] | None, typer.Option("--witness", metavar="FILE", help=text("log.witness"))] = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.checkpoint import noted, stated
    from governance.verify import verify as verify_workspace

    if witness and not checkpoint:
        raise UsageError("log.witness_alone")
    kept = {str(file): read_note(file) for file in checkpoint or ()}
    witnesses = [read_key(file) for file in witness or ()]
    found = verify_workspace(opened_for(workspace, account, Action.VERIFY_LOG), run_id, kept=kept, witnesses=witnesses)
    sizes = {file: parsed[1].size for file, written in kept.items() if (parsed := stated(written) or noted(written))}
    lines = [str(finding) for finding in found.findings] or [
        *(text("log.fits", file=file, size=size) for file, size in sizes.items()),
        text("output.verified", runs=found.runs, entries=found.entries),
    ]
    result = {"altered": bool(found.findings), "findings": [str(finding) for finding in found.findings]}
    report(result, lines, as_json=as_json)
    if found.findings:
        raise typer.Exit(1)


@app.command("replay", cls=HelpCommand, help=text("replay.command"))
def replay(
    run_id: RunId,
    delivery: Annotated[Path | None, typer.Option("--delivery", metavar="DIR", help=text("replay.delivery"))] = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.workspace import Workspace
    from mimamori.replaying import Changed
    from mimamori.replaying import replay as make_again

    def tell(one: Changed) -> None:
        note(text("replay.changed", what=one.what, then=one.then or "-", now=one.now or "-"))

    opened = Workspace.open(workspace)
    actor = acting(opened, account, Action.REPLAY_RUN)
    with progress() as begin:
        replayed = make_again(opened, run_id, delivery, actor=actor, begin=begin, tell=tell)
    result = asdict(replayed) | {"same": replayed.same, "first_stage": replayed.first_stage}
    report(result, _replayed_lines(replayed), as_json=as_json)
    if not replayed.same:
        raise typer.Exit(1)


@app.command("compare", cls=HelpCommand, help=text("operating.command_compare"))
def compare(
    one: Annotated[str, typer.Argument(metavar="A", help=text("operating.command_one"))],
    other: Annotated[str, typer.Argument(metavar="B", help=text("operating.command_other"))],
    statistics: Annotated[bool, typer.Option("--statistics", help=text("operating.command_statistics"))] = False,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.access import scope_of
    from governance.policy import Scope
    from governance.views import log_view
    from governance.workspace import Workspace
    from mimamori.comparing_runs import compare as compare_runs
    from mimamori.comparing_runs import described, lines

    opened = Workspace.open(workspace)
    actor = acting_as(opened, account, Action.VIEW_RUNS)
    whole = all(scope_of(actor, action) is Scope.ALL for action in (Action.VIEW_RUNS, Action.EXPORT_RUN))
    found = compare_runs(opened, one, other, statistics_only=statistics or not whole)
    if found.children is not None:
        body = {"with": found.earlier, "rows": found.children.height}
        log_view(opened, actor, "compare", run_id=found.later, body=body)
    report(described(found), lines(found), as_json=as_json)


def _replayed_lines(replayed: "Replayed") -> list[str]:
    if replayed.first_stage is None:
        return [text("replay.same", run=replayed.run, compared=len(replayed.compared))]
    stage = text(f"replay.stage_{replayed.first_stage}")
    rows = [
        (text(f"replay.stage_{one.stage}"), one.output, (one.then or "-")[:16], (one.now or "-")[:16])
        for one in replayed.differences
    ]
    headers = [text(f"replay.{name}") for name in ("stage", "output", "then", "now")]
    told = text("replay.differs", run=replayed.run, differing=len(rows), stage=stage)
    return [told, "", *columns(headers, rows)]


def _lines(manifest: "Manifest") -> list[str]:
    """What an operator asks of a run; the whole manifest is given as JSON."""
    shown = {
        "run": manifest.run,
        "approval": manifest.approval,
        "actor": manifest.actor,
        "published": local_time(manifest.finished.isoformat()),
        "as_of": manifest.as_of or "-",
        "parent": manifest.parent or "-",
        "code": f"{manifest.code.version} {manifest.code.commit or manifest.code.source_sha256}",
        "left_out": ", ".join(manifest.left_out) or "-",
    }
    lines = labelled({label("runs", name): value for name, value in shown.items()})
    read = [
        (source, "*" if granted == "*" else ", ".join(granted) or "-") for source, granted in manifest.columns.items()
    ]
    files = [(one.name, one.delivered, one.accepted, one.set_aside) for one in manifest.inputs]
    kept = [(one.name, one.data_class.value, "-" if one.rows is None else one.rows) for one in manifest.outputs]
    for headers, rows in (
        (("source", "columns"), read),
        (("file", "delivered", "accepted", "set_aside"), files),
        (("artefact", "data_class", "rows"), kept),
    ):
        lines += ["", *columns([label("runs", name) for name in headers], rows)]
    return [*lines, "", label("runs", "rest")]
