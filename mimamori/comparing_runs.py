"""What changed from one run to a later one: who is new on the list and who left it, whose id merged or split.

The earlier run's ids are read as the later one has them: a child whose id was merged meanwhile has neither left nor is
it new. For those who may see statistics only, what could tell of a few is hidden.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
import polars as pl

from api.runs.compared import STATUSES, TOTAL, Comparison
from governance.cell_system import Universe, relations
from governance.disclosure import ALL, THRESHOLD, counts, rounded, shown
from governance.runs import PublishedRun, held_artefacts, list_runs, read_artefact
from governance.suppression import protect
from governance.workspace import Workspace
from mimamori.console import columns, labelled
from vocabulary.errors import UsageError, WorkspaceError
from vocabulary.texts import catalogue, text

NEEDED = frozenset({"persons", "flags", "held_flags", "judgements", "timeline", "events"})
"""Artefacts that are compared."""

NO_SCHOOL = ""
"""Category of children whose school is not known."""


def compare(workspace: Workspace, one: str, other: str, *, statistics_only: bool = False) -> Comparison:
    """Compare two runs, the earlier first whichever is named first.

    Parameters
    ----------
    workspace
        An open workspace.
    one, other
        Ids of published runs.
    statistics_only
        Whether small counts are hidden, with those others that would give one away, and nothing is told of a child.
        Each comparison is protected by itself; so only a run and the one before it are then compared.

    Raises
    ------
    UsageError
        Both are the same run, or they are not next to each other where `statistics_only`.
    WorkspaceError
        One is not there, or what is compared of it, or of a run between them, was disposed of.
    IntegrityError
        An artefact is not what was written.
    """
    between = _between(workspace, one, other)
    if statistics_only and len(between) > 2:
        raise UsageError("operating.compare_next", run=between[-1].run_id, before=between[-2].run_id)
    earlier, later = between[0].run_id, between[-1].run_id
    events = _events(workspace, between[1:])
    ids = _final_ids(events)
    before, after = _list(workspace, earlier, ids), _list(workspace, later, {})
    schools = _schools(workspace, earlier, later, ids)
    flags, children = _flags(before, after), _children(before, after, schools)
    found = Comparison(
        earlier=earlier,
        later=later,
        years=(_year(before), _year(after)),
        persons=_persons(workspace, earlier, later, ids) | _merged_and_split(events),
        listed=_listed(children),
        held={
            "before": read_artefact(workspace, earlier, "held_flags", ["kind"]).height,
            "after": read_artefact(workspace, later, "held_flags", ["kind"]).height,
        },
        by_kind=_crossed(flags, "kind"),
        by_school=_crossed(children, "school"),
        judgements=_judgements(workspace, earlier, later, ids),
        children=children,
        events=events,
    )
    return _protected(found, flags, children, sorted(schools["school"].unique())) if statistics_only else found


def described(found: Comparison) -> dict[str, Any]:
    """A comparison as JSON values."""
    told = {one.name: getattr(found, one.name) for one in fields(found)}
    return {name: value.to_dicts() if isinstance(value, pl.DataFrame) else value for name, value in told.items()}


def lines(found: Comparison) -> list[str]:
    """A comparison as lines for a terminal: its figures, then by kind, then the children, where they are told."""
    figures = {
        text(f"operating.figure_{group}_{name}"): _told(count)
        for group, counts in (("listed", found.listed), ("persons", found.persons), ("held", found.held))
        for name, count in counts.items()
        if f"operating.figure_{group}_{name}" in catalogue()
    }
    told = [text("operating.compared", earlier=found.earlier, later=found.later), *labelled(figures)]
    statuses = [text(f"operating.status_{status}") for status in STATUSES]
    kinds = [
        (text("operating.all_kinds") if kind == TOTAL else text(f"kind.{kind}"), *map(_told, counts))
        for kind, *counts in found.by_kind.iter_rows()
    ]
    told += ["", *columns([text("operating.kind"), *statuses], kinds)]
    if found.children is None:
        return [*told, "", text("operating.as_statistics")]
    headers = [text(f"operating.{name}") for name in ("child_id", "what", "rank_before", "rank_after", "school")]
    children = [
        (person, text(f"operating.status_{status}"), _told(before, "-"), _told(after, "-"), school or "-")
        for person, status, before, after, school in found.children.drop("kinds").iter_rows()
    ]
    return [*told, "", *columns(headers, children)]


def _told(count: int | None, absent: str | None = None) -> str:
    return (absent or text("operating.hidden")) if count is None else str(count)


def _between(workspace: Workspace, one: str, other: str) -> list[PublishedRun]:
    """The two runs and those published between them, in order."""
    published = list_runs(workspace)
    at = {run.run_id: position for position, run in enumerate(published)}
    for run in (one, other):
        if run not in at:
            raise WorkspaceError("operating.run_absent", run=run)
    if one == other:
        raise UsageError("operating.compare_same", run=one)
    first, last = sorted((at[one], at[other]))
    for position in range(first, last + 1):
        run_id = published[position].run_id
        needed = NEEDED if position in (first, last) else {"events"}
        if not needed <= held_artefacts(workspace, run_id):
            raise WorkspaceError("operating.compare_gone", run=run_id)
    return published[first : last + 1]


def _events(workspace: Workspace, runs: Sequence[PublishedRun]) -> pl.DataFrame:
    """EVENTS of these runs in order, and of which `run` each is."""
    told = [
        read_artefact(workspace, run.run_id, "events").insert_column(0, pl.lit(run.run_id).alias("run")) for run in runs
    ]
    return pl.concat(told)


def _final_ids(events: pl.DataFrame) -> dict[str, str]:
    """By each id that was merged away, the one that its records have in the end."""
    ids: dict[str, str] = {}
    for merged, into in events.filter(pl.col("kind") == "merged").select("other_id", "person_id").iter_rows():
        ids = {held: into if final == merged else final for held, final in ids.items()} | {merged: into}
    return ids


def _renamed(frame: pl.DataFrame, ids: Mapping[str, str]) -> pl.DataFrame:
    return frame.with_columns(pl.col("person_id").replace(ids)) if ids else frame


def _list(workspace: Workspace, run_id: str, ids: Mapping[str, str]) -> pl.DataFrame:
    """The flags of the latest year a run has flags of: person_id, year, kind, rank."""
    flags = read_artefact(workspace, run_id, "flags", ["person_id", "year", "kind", "rank"])
    latest = flags.filter(pl.col("year") == pl.col("year").max())
    return _renamed(latest, ids).sort("rank").unique(["person_id", "kind"], keep="first", maintain_order=True)


def _year(flags: pl.DataFrame) -> int | None:
    return None if flags.is_empty() else int(flags["year"][0])


def _status() -> pl.Expr:
    """Of rows joined from both lists by rank."""
    left = pl.when(pl.col("rank_after").is_null()).then(pl.lit("left"))
    return left.when(pl.col("rank_before").is_null()).then(pl.lit("new")).otherwise(pl.lit("stays")).alias("status")


def _flags(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """A row a flag on either list: person_id, kind, status."""
    both = before.rename({"rank": "rank_before"}).join(
        after.rename({"rank": "rank_after"}), on=["person_id", "kind"], how="full", coalesce=True
    )
    return both.select("person_id", "kind", _status())


def _children(before: pl.DataFrame, after: pl.DataFrame, schools: pl.DataFrame) -> pl.DataFrame:
    """A row a child on either list, as `Comparison.children`."""

    def of_child(flags: pl.DataFrame, rank: str) -> pl.DataFrame:
        return flags.group_by("person_id").agg(pl.col("rank").min().alias(rank), pl.col("kind").alias(f"kinds_{rank}"))

    both = of_child(before, "rank_before").join(
        of_child(after, "rank_after"), on="person_id", how="full", coalesce=True
    )
    kinds = pl.coalesce("kinds_rank_after", "kinds_rank_before").list.sort().list.join(";")
    return (
        both.select("person_id", _status(), "rank_before", "rank_after", kinds.alias("kinds"))
        .join(schools, on="person_id", how="left")
        .sort("rank_after", "rank_before", "person_id", nulls_last=True)
    )


def _schools(workspace: Workspace, earlier: str, later: str, ids: Mapping[str, str]) -> pl.DataFrame:
    """The school that each child was last recorded at: by the later run, else by the earlier one."""
    found = []
    for run_id, names in ((later, {}), (earlier, ids)):
        told = read_artefact(workspace, run_id, "timeline", ["person_id", "date", "item", "value"])
        last = _renamed(told.filter(pl.col("item") == "school_code"), names).sort("date", "value")
        found.append(last.group_by("person_id").agg(pl.col("value").last().alias("school")))
    return pl.concat(found).unique("person_id", keep="first", maintain_order=True)


def _persons(workspace: Workspace, earlier: str, later: str, ids: Mapping[str, str]) -> dict[str, int | None]:
    held = read_artefact(workspace, earlier, "persons", ["person_id"])
    known = _renamed(held, ids).unique()
    now = read_artefact(workspace, later, "persons", ["person_id"])
    return {
        "before": held.height,
        "after": now.height,
        "new": now.join(known, on="person_id", how="anti").height,
        "gone": known.join(now, on="person_id", how="anti").height,
    }


def _merged_and_split(events: pl.DataFrame) -> dict[str, int | None]:
    return {kind: events.filter(pl.col("kind") == kind).height for kind in ("merged", "split")}


def _listed(children: pl.DataFrame) -> dict[str, int | None]:
    told: dict[str, int | None] = {
        "before": children["rank_before"].count(),
        "after": children["rank_after"].count(),
    }
    told |= {status: children.filter(pl.col("status") == status).height for status in STATUSES}
    told["up"] = children.filter(pl.col("rank_after") < pl.col("rank_before")).height
    told["down"] = children.filter(pl.col("rank_after") > pl.col("rank_before")).height
    return told


def _crossed(rows: pl.DataFrame, by: str) -> pl.DataFrame:
    """How many rows of each status there are, by the values of a column."""
    numbers = [(pl.col("status") == status).sum().cast(pl.Int64).alias(status) for status in STATUSES]
    return rows.group_by(by).agg(numbers).sort(by, nulls_last=True)


def _judgements(workspace: Workspace, earlier: str, later: str, ids: Mapping[str, str]) -> pl.DataFrame:
    """How many children are judged otherwise of the same year and domain, by what they were judged and are."""
    columns, key = ["person_id", "year", "domain", "judgement"], ["person_id", "year", "domain"]
    before = _renamed(read_artefact(workspace, earlier, "judgements", columns), ids).unique(key, keep="first")
    after = read_artefact(workspace, later, "judgements", columns)
    both = before.rename({"judgement": "before"}).join(after.rename({"judgement": "after"}), on=key)
    changed = both.filter(pl.col("before") != pl.col("after")).group_by("domain", "before", "after")
    return changed.agg(children=pl.col("person_id").n_unique().cast(pl.Int64)).sort("domain", "before", "after")


def _protected(found: Comparison, flags: pl.DataFrame, children: pl.DataFrame, schools: list[str]) -> Comparison:
    """The comparison for statistics only; `schools` are all there are, whether or not a child of theirs is listed."""
    by_kind = _shown(flags, "kind", sorted(flags["kind"].unique()))
    by_school = _shown(children.with_columns(pl.col("school").fill_null(NO_SCHOOL)), "school", [*schools, NO_SCHOOL])
    totals = by_school.filter(pl.col("school") == TOTAL).row(0, named=True)
    return replace(
        found,
        persons=dict.fromkeys(found.persons) | {name: _rounded(found.persons[name]) for name in ("before", "after")},
        listed=dict.fromkeys(found.listed) | {status: totals[status] for status in STATUSES},
        held={name: _rounded(count) for name, count in found.held.items()},
        by_kind=by_kind,
        by_school=by_school.with_columns(pl.col("school").replace(NO_SCHOOL, None)),
        judgements=found.judgements.filter(pl.col("children") >= THRESHOLD).with_columns(rounded(pl.col("children"))),
        children=None,
        events=None,
    )


def _shown(rows: pl.DataFrame, by: str, categories: list[str]) -> pl.DataFrame:
    """As `_crossed`, with a row `TOTAL`; rounded, and null where hidden."""
    known = Universe({by: categories or [NO_SCHOOL], "status": STATUSES})
    cells = counts(rows.select(by, "status"), known.combinations([by, "status"]))
    nothing = np.zeros(cells.height, dtype=np.bool_)
    hidden = protect(
        relations(known, [cells.drop("count")]), cells["count"].to_numpy(), nothing, nothing, [by] * cells.height
    )
    told = cells.with_columns(hidden=pl.Series(hidden)).with_columns(count=shown(pl.col("count"), pl.col("hidden")))
    wide = told.filter(pl.col("status") != ALL).pivot(on="status", index=by, values="count")
    return wide.select(by, *STATUSES).sort(pl.col(by) == TOTAL, by)


def _rounded(count: int | None) -> int | None:
    """A count by itself as a statistic: to the nearest 5, or null where it is small."""
    return None if count is None or count < THRESHOLD else pl.select(rounded(pl.lit(count))).item()
