"""`mimamori archive`: which runs are the archives of 1 April and 1 October, and another one made so."""

from typing import Annotated

import typer

from governance.actions import Action
from mimamori.accounts import acting
from mimamori.console import DEFAULT_WORKSPACE, AccountOption, JsonOption, WorkspaceOption, columns, day, report
from vocabulary.errors import UsageError
from vocabulary.texts import text


def archive(
    run_id: Annotated[str | None, typer.Argument(metavar="[RUN]", help=text("cli.run_id"))] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help=text("retention.archive_as_of"))] = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance import archives
    from governance.workspace import Workspace

    opened = Workspace.open(workspace)
    actor = acting(opened, account, Action.ARCHIVE_RUN)
    reference_date = day(as_of)
    if (run_id is None) != (reference_date is None):
        raise UsageError("retention.archive_whole")
    if run_id is not None and reference_date is not None:
        made = archives.mark(opened, run_id, reference_date, actor=actor)
        report(vars(made), [text("retention.archived", run=run_id, day=reference_date)], as_json=as_json)
        return
    found = archives.list_archives(opened)
    headers = [text(f"retention.archive_{name}") for name in ("day", "run", "marked_by")]
    rows = [(one.as_of, one.run, one.marked_by or "-") for one in found]
    report([vars(one) for one in found], columns(headers, rows) if rows else [text("output.none")], as_json=as_json)
