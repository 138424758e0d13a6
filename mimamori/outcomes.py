"""Outcomes as workers give them, one by one or in a file, held against a run before they are recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from governance import access, outcomes
from governance.access import Actor
from governance.actions import Action, Scope
from governance.outcome_state import Outcome
from governance.outcomes import Finding, Recorded
from governance.runs import held_artefacts, list_runs, read_artefact
from governance.workspace import Workspace
from vocabulary.errors import DeliveryError, UsageError
from vocabulary.fiscal import fiscal_year_of
from vocabulary.frames import OUTCOMES
from vocabulary.texts import text


@dataclass(frozen=True)
class Looked:
    """A run's children and fiscal years, and which of them its list or its held flags had: `person_id, year`."""

    run_id: str
    persons: pl.DataFrame
    years: frozenset[int]
    listed: frozenset[tuple[str, int]]

    def finding(
        self, person_id: str, year: int, outcome: Outcome, recorded_on: date, reason: str | None = None
    ) -> Finding:
        """What is to be recorded; with the run where its list led to the child."""
        run = self.run_id if (person_id, year) in self.listed else None
        return Finding(person_id, year, outcome, recorded_on, run, reason)


def look_up(workspace: Workspace, run_id: str) -> Looked:
    """What of a run outcomes are held against. Errors as of `governance.runs.read_artefact`."""
    columns = ["person_id", "year"]
    flags = [read_artefact(workspace, run_id, name, columns) for name in ("flags", "held_flags")]
    years = read_artefact(workspace, run_id, "timeline", ["date"]).select(fiscal_year_of(pl.col("date"))).to_series()
    return Looked(
        run_id=run_id,
        persons=read_artefact(workspace, run_id, "persons", ["person_id"]),
        years=frozenset(years.unique().to_list()),
        listed=frozenset(pl.concat(flags).iter_rows()),
    )


def add(
    workspace: Workspace, run_id: str, person_id: str, year: int, outcome: Outcome, *, reason: str | None, actor: str
) -> Recorded:
    """Record an outcome of today.

    Raises
    ------
    UsageError
        The run has no such child or fiscal year.
    WorkspaceError
        There is no such run, or `actor` may not record outcomes.
    """
    looked = look_up(workspace, run_id)
    if person_id not in looked.persons["person_id"]:
        raise UsageError("outcome.person_unknown", run=run_id, person=person_id)
    if year not in looked.years:
        raise UsageError("outcome.year_unknown", run=run_id, year=year)
    finding = looked.finding(person_id, year, outcome, date.today(), reason)
    return outcomes.record(workspace, [finding], actor=actor)[0]


def import_file(workspace: Workspace, run_id: str, file: Path, *, actor: Actor) -> list[Recorded]:
    """Record the outcomes of a CSV file in the order of their dates, or none of them.

    Raises
    ------
    DeliveryError
        The file cannot be read, or a row breaks a rule.
    WorkspaceError
        There is no such run, or `actor` may not record outcomes.
    RefusalError
        One of the children is not within the scope of `actor`; the refusal is logged.
    """
    looked = look_up(workspace, run_id)
    rows = _read(file, looked).sort("recorded_on", maintain_order=True)
    findings = [
        looked.finding(person_id, year, Outcome(outcome), recorded_on)
        for person_id, year, outcome, recorded_on in rows.iter_rows()
    ]
    for person_id in dict.fromkeys(finding.person_id for finding in findings):
        access.require(workspace, actor, Action.RECORD_OUTCOME, person_id=person_id)
    return outcomes.record(workspace, findings, actor=actor.name)


def of_own_children(workspace: Workspace, recorded: list[Recorded], actor: Actor) -> list[Recorded]:
    """Of recorded outcomes those that `actor` may see: of every child, or of those of its own cases.

    Which school a child goes to is known to the pages alone, so a school's account is shown none here.
    """
    reach = access.scope_of(actor, Action.RECORD_OUTCOME)
    if reach is Scope.ALL:
        return recorded
    own = access.own_children(workspace, actor) if reach is Scope.OWN_ASSIGNMENTS else frozenset()
    return [one for one in recorded if one.person_id in own]


def _read(file: Path, looked: Looked) -> pl.DataFrame:
    """OUTCOMES of a file, every row of which keeps the rules."""
    try:
        delivered = pl.read_csv(file, infer_schema=False, encoding="utf8")
    except (OSError, pl.exceptions.PolarsError):
        raise DeliveryError("outcome.file_unreadable", file=file.name) from None
    delivered.columns = [name.removeprefix("\ufeff").strip() for name in delivered.columns]
    missing = [name for name in OUTCOMES if name not in delivered.columns]
    if missing:
        raise DeliveryError("outcome.file_columns", file=file.name, missing=", ".join(missing))
    trimmed = delivered.select(pl.col(name).str.strip_chars() for name in OUTCOMES)
    rows = trimmed.with_columns(
        pl.col("year").cast(pl.Int32, strict=False),
        pl.col("recorded_on").str.to_date("%Y-%m-%d", strict=False),
    )
    allowed = {
        "person_id": pl.col("person_id").is_in(looked.persons["person_id"].to_list()),
        "year": pl.col("year").is_in(sorted(looked.years)),
        "outcome": pl.col("outcome").is_in([outcome.value for outcome in Outcome]),
        "recorded_on": pl.col("recorded_on").is_not_null(),
    }
    broken = rows.select(
        pl.int_range(2, pl.len() + 2).alias("line"),
        *[(~rule.fill_null(False)).alias(column) for column, rule in allowed.items()],
    ).filter(pl.any_horizontal(list(allowed)))
    if broken.height:
        first = broken.row(0, named=True)
        column = next(name for name in allowed if first[name])
        rule = text(f"outcome.rule_{column}", run=looked.run_id)
        raise DeliveryError("outcome.file_row", file=file.name, line=first["line"], column=column, rule=rule)
    return rows.cast(OUTCOMES)


def current(workspace: Workspace) -> pl.DataFrame:
    """The outcomes that hold now, under the person ids of today: OUTCOMES with `listed`, one row a child and year.

    Where runs since have found two ids to be one child, outcomes follow it; of two for one child and year the later
    recorded holds.
    """
    standing = outcomes.standing(workspace)
    merged = _merged(workspace)
    if merged:
        standing = standing.with_columns(pl.col("person_id").replace(merged))
    return (
        standing.with_columns(pl.col("run").is_not_null().alias("listed"))
        .drop("run")
        .unique(["person_id", "year"], keep="last", maintain_order=True)
    )


def _merged(workspace: Workspace) -> dict[str, str]:
    """Ids that belong to another child now, over all runs."""
    now: dict[str, str] = {}
    for run in list_runs(workspace):
        if "events" not in held_artefacts(workspace, run.run_id):
            continue  # disposed of; what it merged shows in the ids of later runs
        events = read_artefact(workspace, run.run_id, "events", ["kind", "person_id", "other_id"])
        for _, kept, gone in events.filter(pl.col("kind") == "merged").iter_rows():
            now = {former: kept if later == gone else later for former, later in now.items()} | {gone: kept}
    return now


def unknown_before(recorded: Sequence[Recorded]) -> tuple[int, int]:
    """Of the outcomes that stand: how many were confirmed and not known before, and how many were of hardship."""
    standing = [one.outcome for one in recorded if one.state == "stands"]
    confirmed = standing.count(Outcome.CONFIRMED)
    return confirmed, confirmed + standing.count(Outcome.ALREADY_KNOWN)
