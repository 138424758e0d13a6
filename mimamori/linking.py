"""Linking a delivery with the children earlier runs knew.

`persons`, `timeline`, `traits` and `events` may leave the part that handles names; all else holds names or the sources'
own numbers and is kept under the identities' key alone.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from governance.requests import Honoured
from governance.workspace import Workspace
from linkage.engine import EngineName, open_engine
from linkage.link import link
from linkage.linked import Known, Linkage
from linkage.model import Model
from linkage.persons import identities, person_links, persons, record_traits
from linkage.spine import Spine, assign_person_ids
from linkage.stages import timeline_on
from linkage.standardise import standardise
from mimamori.console import Progressing
from mimamori.honouring import corrected, without_objected
from mimamori.known import Earlier
from vocabulary.frames import RECORD, RECORDS

SPINE_KEY = "spine"


@dataclass(frozen=True)
class Linked:
    """Linkage of a run: what may leave the part that handles names, and what stays in it."""

    links: pl.DataFrame  # of delivered records
    persons: pl.DataFrame  # every child known, and so timeline and traits
    timeline: pl.DataFrame
    traits: pl.DataFrame
    spine: Spine
    known: pl.DataFrame  # record → person id, of this and earlier runs
    linkage: Linkage
    newly_linked: int  # records that were linked, or linked again, in this run
    trained: bool  # the model was learnt in this run
    records: pl.DataFrame  # identity columns of this and earlier runs; names
    extracts: dict[str, pl.DataFrame]  # measurements of this and earlier runs
    identities: pl.DataFrame  # names
    deliveries: pl.DataFrame  # until when each record is carried on


def link_delivery(
    workspace: Workspace,
    earlier: Earlier,
    extracts: Mapping[str, pl.DataFrame],
    measurements: Mapping[str, list[str]],
    *,
    numbered: Collection[str],
    decided: pl.DataFrame,
    heeded: Honoured,
    as_of: date | None,
    retrain: bool,
    seed: int,
    kept_until: date,
    begin: Progressing,
    engine: EngineName = "duckdb",
) -> Linked:
    """Link the accepted rows of each source.

    Parameters
    ----------
    workspace
        Whose key makes person ids.
    earlier
        What earlier runs left.
    extracts
        Accepted rows of each source (`linkage.delivery.Delivery.extracts`).
    measurements
        Measured columns of each approved source that go into the timeline.
    numbered
        Sources whose shared number is approved; that of the others' earlier records is not used.
    decided
        DECISIONS of reviewers, which bind.
    heeded
        Accepted requests of the persons concerned.
    as_of
        Day up to which earlier runs' records are used, those of the approved sources only; None for all. What is not
        used is kept, so that no child's id is lost by a run over less.
    retrain
        Learn the linkage model anew, from all these records.
    seed
        Of the random pairs the linkage model learns strangers from.
    kept_until
        Until when the records delivered now are carried on by later runs.
    begin
        Told each stage.
    engine
        Where the heavy stages run; either gives the same.
    """
    begin("output.stage_standardise")
    delivered = pl.concat([frame.select(RECORDS.names()).cast(RECORDS) for frame in extracts.values()])
    records = corrected(earlier.with_records(delivered), None, heeded)
    usable = _usable(without_objected(records, heeded), measurements, numbered, as_of)
    model = None if retrain else earlier.model
    known = None if model is None else earlier.linkage(usable)
    keys = standardise(_to_link(usable, earlier, known))
    begin("output.stage_link")
    with open_engine(engine) as connection:
        linkage = link(keys, known=known, model=model, decisions=decided, seed=seed, engine=connection)
        clustered = linkage.profiles.members.join(linkage.clusters.assignment, on="profile").select(*RECORD, "cluster")
        spine = assign_person_ids(
            clustered,
            earlier.spine_for(usable),
            former=earlier.former,
            reasons=_reasons(linkage, model),
            key=workspace.custody.secret(SPINE_KEY),
        )
        linked_now = spine.links.select(*RECORD, "person_id")
        links = person_links(spine.links, linkage.profiles.members, linkage.clusters)
        begin("output.stage_timeline")
        measured = {name: corrected(held, name, heeded) for name, held in earlier.with_extracts(extracts).items()}
        return Linked(
            links=links.join(delivered, on=RECORD, how="semi"),
            persons=persons(usable, spine.links, linkage.clusters),
            timeline=timeline_on(connection, measured, measurements, links),
            traits=record_traits(linkage.keys),
            spine=spine,
            known=pl.concat([linked_now, earlier.spine.join(linked_now, on=RECORD, how="anti")]).sort(RECORD),
            linkage=linkage,
            newly_linked=keys.height,
            trained=model is None,
            records=records,
            extracts=measured,
            identities=identities(usable, links),
            deliveries=earlier.with_deliveries(delivered, kept_until),
        )


def _usable(
    records: pl.DataFrame, sources: Collection[str], numbered: Collection[str], as_of: date | None
) -> pl.DataFrame:
    """Records of approved sources up to a day, with the shared number where it is approved."""
    return records.filter(
        pl.col("source").is_in(list(sources)) & (pl.col("as_of") <= (as_of or date.max))
    ).with_columns(pl.when(pl.col("source").is_in(list(numbered))).then("shared_number").alias("shared_number"))


def _to_link(usable: pl.DataFrame, earlier: Earlier, known: Known | None) -> pl.DataFrame:
    """Records that are not linked yet, or that read otherwise than when they were; all where nothing is known."""
    if known is None:
        return usable.sort(RECORD)
    changed = usable.join(earlier.records, on=RECORDS.names(), how="anti", nulls_equal=True)
    unlinked = usable.join(known.keys, on=RECORD, how="anti")
    without_number = known.keys.filter(pl.col("shared_number").is_null())  # it may not have been approved then
    numbered = usable.filter(pl.col("shared_number").is_not_null()).join(without_number, on=RECORD, how="semi")
    return pl.concat([changed, unlinked, numbered]).unique(RECORD).sort(RECORD)


def _reasons(linkage: Linkage, model: Model | None) -> pl.DataFrame:
    """`cluster`, `reason`: why clusters may differ from those before, beside their records."""
    assignment = linkage.clusters.assignment
    if model is None:
        return assignment.select("cluster").unique().with_columns(reason=pl.lit("model"))
    decided = linkage.clusters.joinings.filter(pl.col("review").is_not_null())
    profiles = pl.concat([decided.select(profile="left"), decided.select(profile="right")])
    return (
        assignment.join(profiles, on="profile", how="semi")
        .select("cluster")
        .unique()
        .with_columns(reason=pl.lit("review"))
    )
