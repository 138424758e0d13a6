"""`mimamori run`: one processing run under an approval."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

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
from vocabulary.errors import UsageError
from vocabulary.texts import text

if TYPE_CHECKING:
    from mimamori.pipeline import Completed


def run(
    approval: Annotated[str, typer.Option("--approval", metavar="ID", help=text("cli.run_approval"))],
    delivery: Annotated[Path, typer.Option("--delivery", metavar="DIR", help=text("cli.run_delivery"))],
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help=text("cli.run_as_of"))] = None,
    engine: Annotated[Literal["duckdb", "spark"], typer.Option("--engine", help=text("cli.run_engine"))] = "duckdb",
    capacity: Annotated[str | None, typer.Option("--capacity", metavar="N", help=text("cli.run_capacity"))] = None,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    if engine == "spark":
        raise UsageError("cli.not_there_yet", what="--engine spark", remedy="--engine duckdb")
    completed = make_run(
        workspace, approval_id=approval, delivery=delivery, as_of=as_of, capacity=capacity, account=account
    )
    manifest = completed.manifest
    report(manifest.model_dump(mode="json"), [*summary(completed), manifest.run], as_json=as_json)


def make_run(
    workspace: Path,
    *,
    approval_id: str,
    delivery: Path,
    as_of: str | None = None,
    capacity: str | None = None,
    account: str | None = None,
) -> "Completed":
    """Make one run with the workspace's settings."""
    from governance.workspace import Workspace
    from mimamori.pipeline import Parameters
    from mimamori.pipeline import run as make

    opened = Workspace.open(workspace)
    parameters = Parameters(
        as_of=day(as_of),
        capacity=opened.settings.capacity if capacity is None else _capacity(capacity),
        max_set_aside=opened.settings.max_set_aside,
        min_link_confidence=opened.settings.min_link_confidence,
    )
    actor = acting(opened, account)
    with progress() as begin:
        completed = make(
            opened,
            approval_id=approval_id,
            delivery_folder=delivery,
            parameters=parameters,
            actor=actor,
            begin=begin,
        )
    for notice in completed.delivery.notices:
        note(str(notice))
    return completed


def summary(completed: "Completed") -> list[str]:
    """What an operator wants to know of a run, a line each."""
    manifest = completed.manifest
    lines = [
        text("output.rows", source=source, delivered=delivered, accepted=accepted, set_aside=set_aside)
        for source, delivered, accepted, set_aside in _rows(completed)
    ]
    for source, rule, rows in completed.delivery.rejects.group_by("source", "rule").len().sort("source", "rule").rows():
        lines.append(text("output.rejected", source=source, rule=rule, rows=rows))
    if manifest.left_out:
        lines.append(text("output.left_out", sources=", ".join(manifest.left_out)))
    if completed.after_as_of:
        lines.append(text("output.after_as_of", as_of=manifest.as_of, rows=completed.after_as_of))
    link, flags = manifest.counts["link"], manifest.counts["flags"]
    counts: dict[str, Any] = {
        "persons": link["persons"],
        "records": link["records"],
        "flags": flags["shown"],
        "held": flags["held"],
    }
    return [*lines, text("output.run_summary", **counts)]


def _rows(completed: "Completed") -> list[tuple[str, int, int, int]]:
    """Source, rows delivered, accepted, set aside."""
    import polars as pl

    files = pl.DataFrame([one.model_dump() for one in completed.manifest.inputs])
    return files.group_by("source").agg(pl.col("delivered", "accepted", "set_aside").sum()).sort("source").rows()


def _capacity(value: str) -> float | int:
    """A share of the children, or a number of them."""
    try:
        number = int(value) if value.isdigit() else float(value)
    except ValueError:
        raise UsageError("cli.bad_capacity", value=value) from None
    if (isinstance(number, float) and not 0 < number <= 1) or number == 0:
        raise UsageError("cli.bad_capacity", value=value)
    return number
