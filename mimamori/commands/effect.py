"""`mimamori effect`: what followed for the children who received a support, beside matched children who had not."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from governance.actions import Action
from mimamori.accounts import acting
from mimamori.console import DEFAULT_WORKSPACE, AccountOption, JsonOption, WorkspaceOption, progress, report
from vocabulary.texts import current_language, text


def effect(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help=text("cli.run_id"))],
    supported: Annotated[Path, typer.Option("--supported", metavar="FILE", help=text("effect.supported"))],
    outcome: Annotated[
        list[str] | None, typer.Option("--outcome", metavar="INDICATOR", help=text("effect.outcome"))
    ] = None,
    approval: Annotated[str | None, typer.Option("--approval", metavar="ID", help=text("effect.approval"))] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help=text("effect.out"))] = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from evaluation.effect_report import effect_lines
    from governance.workspace import Workspace
    from mimamori.effect import make_effect

    opened = Workspace.open(workspace)
    actor = acting(opened, account, Action.VIEW_QUALITY)
    with progress() as begin:
        begin("effect.stage")
        made = make_effect(
            opened,
            run_id,
            supported,
            outcomes=outcome or (),
            approval_id=approval,
            out=out or opened.path / "reports",
            today=date.today(),
            actor=actor,
        )
    report(
        made.effect.model_dump(mode="json") | {"files": made.files},
        [*effect_lines(made.effect, made.measures, current_language()), text("effect.written", **made.files)],
        as_json=as_json,
    )
