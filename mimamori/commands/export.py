"""`mimamori export`: a run's outputs as files."""

from pathlib import Path
from typing import Annotated

import typer

from mimamori.accounts import acting
from mimamori.console import DEFAULT_WORKSPACE, AccountOption, JsonOption, WorkspaceOption, report
from vocabulary.texts import text


def export(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help=text("cli.run_id"))],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help=text("cli.export_out"))],
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.exports import export_run
    from governance.runs import load_manifest
    from governance.workspace import Workspace
    from vocabulary.frames import OUTPUTS

    opened = Workspace.open(workspace)
    names = [*OUTPUTS, "held_flags", "events", "judgements"]
    files = export_run(opened, run_id, out, names=names, actor=acting(opened, account))
    manifest = load_manifest(opened, run_id)
    rows = {output.name: output.rows for output in manifest.outputs if output.name in names}
    report(
        {"out": str(out), "files": [str(file) for file in files], "rows": rows},
        [text("output.exported", rows=sum(count or 0 for count in rows.values()), out=out)],
        as_json=as_json,
    )
