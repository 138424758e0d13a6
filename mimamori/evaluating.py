"""What an evaluation computes anew from a run's own data and rules: longer lists, all scores, other inputs.

Nothing of it is kept but the figures. Where the run's own flags cannot be raised again alike (its rules are no longer
at hand, or the code has changed since), nothing is computed anew, and the evaluation says less instead of something
else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from evaluation.recomputed import Recomputed
from evaluation.sensitivity import ALL_COLUMNS
from governance.runs import load_manifest, read_artefact
from governance.workspace import Workspace
from indicators.compute import compute_indicators
from indicators.flags import raise_flags
from indicators.rules import Rules
from indicators.schools import SCHOOL
from indicators.score import score_changes
from indicators.scorecard import Scorecard
from linkage.timeline import build_timeline
from mimamori.city_rules import load_city_rules
from mimamori.console import Progressing
from mimamori.known import Earlier
from mimamori.learning import scorecard_of
from vocabulary.frames import KEY, LINKS, PERSONS

LONGEST = 0.10
"""Longest list that is judged, as a share of a year's children."""

SPARE = 3
"""How many times the run's share is listed without a source."""

SAME = ["person_id", "year", "rank", "kind"]
"""What tells that the run's flags were raised again alike."""

NOT_READ = "not read"
"""No column's name: what a column that is left out goes by, so that its records still say the child was seen."""


@dataclass(frozen=True)
class Again:
    """A run's data and rules, by which its flags can be raised again."""

    timeline: pl.DataFrame
    persons: pl.DataFrame
    indicators: pl.DataFrame
    rules: Rules
    scorecard: Scorecard | None
    capacity: float | int
    min_link_confidence: float

    def flags(self, indicators: pl.DataFrame, *, capacity: float | int | None = None) -> pl.DataFrame:
        """FLAGS of these indicators, at the run's capacity or another."""
        return raise_flags(
            indicators,
            self.timeline,
            self.persons,
            self.rules,
            capacity=self.capacity if capacity is None else capacity,
            min_link_confidence=self.min_link_confidence,
            scorecard=self.scorecard,
        ).shown


def opened_again(workspace: Workspace, run_id: str, frames: Mapping[str, pl.DataFrame]) -> Again | None:
    """The run's data and rules; None where its flags are not raised again alike.

    Parameters
    ----------
    workspace, run_id
        The run.
    frames
        Its timeline, persons, indicators and flags.
    """
    manifest = load_manifest(workspace, run_id)
    rules = load_city_rules(workspace).indicators
    if rules.version != manifest.parameters["indicator_rules"]:
        return None
    again = Again(
        timeline=frames["timeline"],
        persons=frames["persons"],
        indicators=frames["indicators"],
        rules=rules,
        scorecard=scorecard_of(workspace, manifest.parameters.get("scorecard")),
        capacity=manifest.parameters["capacity"],
        min_link_confidence=manifest.parameters["min_link_confidence"],
    )
    raised = again.flags(again.indicators)
    return again if raised.select(SAME).equals(frames["flags"].select(SAME)) else None


def recompute(again: Again, workspace: Workspace, run_id: str, truth: Mapping[str, pl.DataFrame]) -> Recomputed:
    """Longer lists, all scores, and the list by true links."""
    whole = again.capacity if isinstance(again.capacity, float) else 0.0
    return Recomputed(
        longer=again.flags(again.indicators, capacity=max(LONGEST, whole)),
        scores=score_changes(again.indicators, again.rules, again.scorecard).table.select("person_id", "year", "score"),
        truly_linked=_truly_linked(again, Earlier(workspace, run_id), read_artefact(workspace, run_id, "links"), truth),
    )


def _truly_linked(
    again: Again, kept: Earlier, links: pl.DataFrame, truth: Mapping[str, pl.DataFrame]
) -> pl.DataFrame | None:
    """Flags of the run's records when each belongs to the truth's child; None where the run kept no measurements."""
    extracts = kept.with_extracts({})
    if not extracts:
        return None
    records = truth["records"].unique([*KEY])
    true_links = records.select(*KEY, person_id="child", match_probability=1.0).select(list(LINKS)).cast(LINKS)
    items = again.timeline.select("source", "item").unique()
    measurements = {source: items.filter(pl.col("source") == source)["item"].to_list() for source in extracts}
    # A record that the run did not take in is not in its timeline either.
    latest = again.timeline["date"].max()
    extracts = {source: rows.filter(pl.col("as_of") <= latest) for source, rows in extracts.items()}
    timeline = build_timeline(extracts, measurements, true_links)
    persons = _true_persons(timeline, links.join(records, on=[*KEY]), again.persons, truth["children"])
    linked = replace(again, timeline=timeline, persons=persons)
    return linked.flags(compute_indicators(timeline, persons, again.rules))


def _true_persons(
    timeline: pl.DataFrame, matched: pl.DataFrame, persons: pl.DataFrame, children: pl.DataFrame
) -> pl.DataFrame:
    """PERSONS of the truth's children: birth date of the truth where it tells one, else, and sex, as most records'."""
    shown = matched.join(persons.select("person_id", "birth_date", "sex"), on="person_id")
    usual = shown.group_by("child").agg(
        pl.col("birth_date", "sex").drop_nulls().mode().sort().first()  # of a tie the same one every time
    )
    born = children.select("child", "birth_date")
    return (
        timeline.group_by(child="person_id")
        .agg(
            pl.col("date").min().alias("first_seen"),
            pl.col("date").max().alias("last_seen"),
            pl.col("source").unique().sort().str.join(";").alias("sources"),
        )
        .join(born, on="child", how="left")
        .join(usual, on="child", how="left")
        .with_columns(pl.coalesce("birth_date", "birth_date_right").alias("birth_date"), link_confidence=pl.lit(1.0))
        .rename({"child": "person_id"})
        .select(list(PERSONS))
        .cast(PERSONS)
        .sort("person_id")
    )


def without_each(again: Again, begin: Progressing) -> dict[tuple[str, str], pl.DataFrame | None]:
    """The flags without each source and without each column, as `evaluation.recomputed.Recomputed` has them.

    A run of one source is not raised without it.
    """
    items = again.timeline.select("source", "item").unique().sort("source", "item")
    sources: list[str] = items["source"].unique().sort().to_list()
    found: dict[tuple[str, str], pl.DataFrame | None] = {}
    for source in sources if len(sources) > 1 else []:
        begin("output.stage_without_source", source=source)
        found[source, ALL_COLUMNS] = _without_source(again, source)
    for source in sources:
        begin("output.stage_without_columns", source=source)
        for column in items.filter(pl.col("source") == source)["item"]:
            read = column == SCHOOL or f"{source}.{column}" in again.rules.items
            found[source, column] = without_all(again, [(source, column)]) if read else None
    return found


def without_all(again: Again, columns: Sequence[tuple[str, str]]) -> pl.DataFrame:
    """The flags when none of some columns is read; indicators that read none of them stay as they are."""
    items = {f"{source}.{column}" for source, column in columns}
    by_school = SCHOOL in {column for _, column in columns}  # what meets a whole school is taken out of quantities
    touched = {
        name: rule
        for name, rule in again.rules.indicators.items()
        if items & {*rule.items, *rule.supports} or (by_school and (rule.model == "growth" or rule.form == "stopped"))
    }
    is_left_out = pl.concat_str("source", "item", separator=".").is_in(sorted(items))
    unread = again.timeline.with_columns(pl.when(is_left_out).then(pl.lit(NOT_READ)).otherwise("item").alias("item"))
    rules = again.rules.model_copy(update={"indicators": touched, "support": ()})
    others = again.indicators.filter(~pl.col("indicator").is_in(list(touched)))
    return again.flags(pl.concat([others, compute_indicators(unread, again.persons, rules)]))


def _without_source(again: Again, source: str) -> pl.DataFrame:
    """A list is a share of the children seen; without a source fewer are, so it is raised longer, to be cut alike."""
    kept = again.timeline.filter(pl.col("source") != source)
    longer = min(1.0, SPARE * again.capacity) if isinstance(again.capacity, float) else again.capacity
    indicators = compute_indicators(kept, again.persons, again.rules)
    return replace(again, timeline=kept).flags(indicators, capacity=longer)
