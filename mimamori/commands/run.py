"""`mimamori run`: one processing run under an approval."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from governance.actions import Action
from mimamori.accounts import acting
from mimamori.console import (
    DEFAULT_WORKSPACE,
    AccountOption,
    JsonOption,
    WorkspaceOption,
    day,
    note,
    progress,
    report,
)
from mimamori.summary import described, notice_lines, summary_lines
from vocabulary.errors import UsageError
from vocabulary.texts import text

if TYPE_CHECKING:
    from mimamori.pipeline import Completed


def run(
    approval: Annotated[str, typer.Option("--approval", metavar="ID", help=text("cli.run_approval"))],
    delivery: Annotated[Path, typer.Option("--delivery", metavar="DIR", help=text("cli.run_delivery"))],
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help=text("cli.run_as_of"))] = None,
    engine: Annotated[Literal["duckdb", "spark"], typer.Option("--engine", help=text("cli.run_engine"))] = "duckdb",
    retrain: Annotated[bool, typer.Option("--retrain", help=text("cli.run_retrain"))] = False,
    capacity: Annotated[str | None, typer.Option("--capacity", metavar="N", help=text("cli.run_capacity"))] = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    completed = make_run(
        workspace,
        approval_id=approval,
        delivery=delivery,
        as_of=as_of,
        capacity=capacity,
        retrain=retrain,
        engine=engine,
        account=account,
    )
    report(described(completed), [*summary_lines(completed), completed.manifest.run], as_json=as_json)


def make_run(
    workspace: Path,
    *,
    approval_id: str,
    delivery: Path,
    as_of: str | None = None,
    capacity: str | None = None,
    retrain: bool = False,
    engine: Literal["duckdb", "spark"] = "duckdb",
    account: str | None = None,
) -> "Completed":
    """Make one run with the workspace's settings."""
    from governance import register
    from governance.workspace import Workspace
    from mimamori.pipeline import Parameters
    from mimamori.pipeline import run as make

    opened = Workspace.open(workspace)
    if engine == "spark":
        from linkage.spark.session import require_spark

        require_spark()  # before anything is read
    parameters = Parameters(
        as_of=day(as_of),
        capacity=opened.settings.capacity if capacity is None else _capacity(capacity),
        max_set_aside=opened.settings.max_set_aside,
        min_link_confidence=opened.settings.min_link_confidence,
        retrain=retrain,
        engine=engine,
    )
    actor = acting(opened, account, Action.START_RUN)
    with progress() as begin:
        completed = make(
            opened,
            approval_id=approval_id,
            delivery_folder=delivery,
            parameters=parameters,
            actor=actor,
            begin=begin,
        )
    for line in notice_lines(completed.delivery):
        note(line)
    for condition in register.show(opened, approval_id).approval.conditions:
        note(text("approval.condition", id=approval_id, condition=condition))
    return completed


def _capacity(value: str) -> float | int:
    """A share of the children, or a number of them."""
    try:
        number = int(value) if value.isdigit() else float(value)
    except ValueError:
        raise UsageError("cli.bad_capacity", value=value) from None
    if (isinstance(number, float) and not 0 < number <= 1) or number == 0:
        raise UsageError("cli.bad_capacity", value=value)
    return number
