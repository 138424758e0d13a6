"""`mimamori model`: what linkage has learnt and weighs by."""

from pathlib import Path
from typing import Annotated

import typer

from governance.actions import Action
from mimamori.accounts import opened_for
from mimamori.console import DEFAULT_WORKSPACE, AccountOption, JsonOption, WorkspaceOption, report
from mimamori.help import HelpCommand, HelpGroup
from vocabulary.texts import text

app = typer.Typer(cls=HelpGroup, no_args_is_help=True)


@app.callback()
def model() -> None:
    pass


@app.command("show", cls=HelpCommand, help=text("model.command_show"))
def show(
    run_id: Annotated[str | None, typer.Argument(metavar="[RUN]", help=text("review.help_run"))] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=text("model.help_out"))] = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from linkage.levels import model_levels
    from mimamori.explain_model import model_page, model_tables, origin_lines, read_shown_model
    from mimamori.explain_screen import table_lines
    from mimamori.joinings import resolve_run

    opened = opened_for(workspace, account, Action.VIEW_QUALITY)
    shown = read_shown_model(opened, resolve_run(opened, run_id))
    lines = [*origin_lines(shown), text("model.lead")]
    for table in model_tables(shown.model):
        lines += ["", table.title, *table_lines(table.headers, table.rows)]
    result = {
        "run": shown.run_id,
        "version": shown.model.version,
        "trained_by": shown.trained_by,
        "trained_at": shown.trained_at,
        "parameters": shown.model.as_json(),
        "levels": model_levels(shown.model).to_dicts(),
    }
    if out is not None:
        out.write_text(model_page(shown), encoding="utf-8")
        result["file"] = str(out)
        lines += ["", text("model.written", file=out)]
    report(result, lines, as_json=as_json)
