"""What earlier runs made of records that are no longer kept: their children's observations, without names or numbers.

Delivered rows go when their retention as extracts ends, often before the next delivery. What a run made of them, the
pseudonymous timeline, is kept as long as results are; without it no child would have a year before.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import polars as pl

from governance.requests import Honoured
from mimamori.honouring import without_objected
from mimamori.known import Earlier
from mimamori.linking import Linked
from vocabulary.frames import PERSONS, RECORD, TIMELINE

OBSERVED = ["person_id", "source", "date"]


def with_history(
    linked: Linked,
    earlier: Earlier,
    measurements: Mapping[str, list[str]],
    heeded: Honoured,
    *,
    since: date,
    as_of: date | None,
) -> Linked:
    """Add to timeline and persons what the last run held of records that are not carried on any more.

    Parameters
    ----------
    linked
        Linkage of this run.
    earlier
        What earlier runs left.
    measurements
        Columns of each approved source that go into the timeline; others of the history are left out.
    heeded
        Accepted requests of the persons concerned: numbers whose use was objected to have no history.
    since
        Reference date before which nothing is carried on.
    as_of
        Day up to which observations are used; None for all.
    """
    gone = earlier.spine.join(linked.records, on=RECORD, how="anti").filter(
        pl.col("as_of").is_between(since, as_of or date.max)
    )
    aged = without_objected(gone, heeded).select("person_id", "source", date="as_of").unique()
    if aged.is_empty():
        return linked
    approved = pl.DataFrame(
        [(source, item) for source, items in measurements.items() for item in items],
        schema={"source": pl.String, "item": pl.String},
        orient="row",
    )
    history = earlier.timeline.join(aged, on=OBSERVED, how="semi").join(approved, on=["source", "item"], how="semi")
    ids = linked.spine.events.filter(pl.col("kind") == "merged").select(person_id="other_id", now="person_id")
    observed = _renamed(history, ids)
    timeline = pl.concat([linked.timeline, observed.select(TIMELINE.names())]).unique()
    held = _renamed(earlier.persons, ids).join(observed, on="person_id", how="semi")
    return replace(
        linked,
        timeline=timeline.sort("person_id", "date", "source", "item", "value"),
        persons=_together(linked.persons, held),
    )


def _renamed(frame: pl.DataFrame, ids: pl.DataFrame) -> pl.DataFrame:
    """Rows of ids that were merged, under the id they were merged into."""
    return (
        frame.join(ids, on="person_id", how="left", maintain_order="left")
        .with_columns(person_id=pl.coalesce("now", "person_id"))
        .drop("now")
    )


def _together(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """PERSONS of both; of a child in both as it is now, seen since it was first seen, by every source that knew it."""
    both = pl.concat([now, before.select(PERSONS.names())])
    every = pl.col("sources").str.split(";").explode().unique().sort().str.join(";")
    return (
        both.group_by("person_id", maintain_order=True)
        .agg(
            pl.col("birth_date", "sex", "link_confidence").first(),
            pl.col("first_seen").min(),
            pl.col("last_seen").max(),
            every,
        )
        .select(PERSONS.names())
        .sort("person_id")
    )
