"""`mimamori export`: a run's outputs as files."""

from pathlib import Path
from typing import Annotated

import typer

from governance.actions import Action
from mimamori.accounts import acting
from mimamori.console import DEFAULT_WORKSPACE, AccountOption, JsonOption, WorkspaceOption, report
from vocabulary.texts import text


def export(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help=text("cli.run_id"))],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help=text("cli.export_out"))],
    purpose: Annotated[str | None, typer.Option("--purpose", metavar="P", help=text("cli.export_purpose"))] = None,
    recipient: Annotated[
        str | None, typer.Option("--recipient", metavar="R", help=text("cli.export_recipient"))
    ] = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.exports import export_run
    from governance.gate import hold_export
    from governance.runs import load_manifest
    from governance.workspace import Workspace
    from vocabulary.frames import OUTPUTS

    opened = Workspace.open(workspace)
    actor, manifest = acting(opened, account, Action.EXPORT_RUN), load_manifest(opened, run_id)
    hold_export(opened, manifest.approval, purpose=purpose, recipient=recipient, actor=actor)
    names = [*OUTPUTS, "held_flags", "events", "judgements"]
    files = export_run(opened, run_id, out, names=names, actor=actor, recipient=recipient)
    written = {file.stem for file in files}
    rows = {output.name: output.rows for output in manifest.outputs if output.name in written}
    report(
        {"out": str(out), "files": [str(file) for file in files], "rows": rows},
        [text("output.exported", rows=sum(count or 0 for count in rows.values()), out=out)],
        as_json=as_json,
    )
