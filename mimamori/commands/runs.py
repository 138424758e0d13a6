"""`mimamori runs`: the run log, and the proof that nothing in it was altered."""

from typing import Annotated

import typer

from mimamori.console import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption, report
from vocabulary.errors import UsageError
from vocabulary.texts import text

app = typer.Typer(no_args_is_help=True)

RunId = Annotated[str, typer.Argument(metavar="RUN", help=text("cli.run_id"))]


@app.command("list", help=text("cli.runs_list"))
def list_(workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False) -> None:
    from governance.runs import list_runs
    from governance.workspace import Workspace

    published = list_runs(Workspace.open(workspace))
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
    lines = ["\t".join(str(value) for value in run.values()) for run in described]
    report(described, lines or [text("output.none")], as_json=as_json)


@app.command("show", help=text("cli.runs_show"))
def show(run_id: RunId, workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False) -> None:
    from governance.runs import load_manifest
    from governance.workspace import Workspace

    manifest = load_manifest(Workspace.open(workspace), run_id)
    lines = [f"{name}: {value}" for name, value in manifest.model_dump(mode="json").items()]
    report(manifest.model_dump(mode="json"), lines, as_json=as_json)


@app.command("verify", help=text("cli.runs_verify"))
def verify(
    run_id: Annotated[str | None, typer.Argument(metavar="[RUN]", help=text("cli.run_id"))] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.verify import verify as verify_workspace
    from governance.workspace import Workspace

    found = verify_workspace(Workspace.open(workspace), run_id)
    lines = [str(finding) for finding in found.findings] or [
        text("output.verified", runs=found.runs, entries=found.entries)
    ]
    result = {"altered": bool(found.findings), "findings": [str(finding) for finding in found.findings]}
    report(result, lines, as_json=as_json)
    if found.findings:
        raise typer.Exit(1)


@app.command("replay", help=text("cli.runs_replay"))
def replay(run_id: RunId, workspace: WorkspaceOption = DEFAULT_WORKSPACE, as_json: JsonOption = False) -> None:
    from governance.runs import load_manifest
    from governance.workspace import Workspace

    del as_json
    load_manifest(Workspace.open(workspace), run_id)
    raise UsageError("cli.not_there_yet", what="mimamori runs replay", remedy="mimamori runs verify")
