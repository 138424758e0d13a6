"""`mimamori dispose`: deletes what is past its retention."""

from typing import Annotated

import typer

from mimamori.console import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption, day
from vocabulary.errors import UsageError
from vocabulary.texts import text


def dispose(
    before: Annotated[str | None, typer.Option("--before", metavar="DATE", help=text("cli.dispose_before"))] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.workspace import Workspace

    del as_json
    day(before)
    Workspace.open(workspace)
    raise UsageError("cli.no_dispose")
