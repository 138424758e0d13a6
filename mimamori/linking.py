"""Linking a delivery: its records among themselves and with the children earlier runs knew.

`persons` and `timeline` may leave the part that handles names; all else holds names or the sources' own numbers and is
kept under the identities' key alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from governance.runs import read_artefact
from governance.workspace import Workspace
from linkage.link import Linkage, link
from linkage.persons import identities, person_links, persons, record_traits
from linkage.spine import Spine, assign_person_ids
from linkage.standardise import standardise
from linkage.timeline import build_timeline
from mimamori.console import Progressing
from vocabulary.frames import RECORD, RECORDS, SPINE

SPINE_KEY = "spine"


@dataclass(frozen=True)
class Linked:
    """Linkage of a run: what may leave the part that handles names, and what stays in it."""

    links: pl.DataFrame
    persons: pl.DataFrame
    timeline: pl.DataFrame
    traits: pl.DataFrame
    spine: Spine
    known: pl.DataFrame  # record → person id, of this and earlier runs
    linkage: Linkage
    records: pl.DataFrame  # identity columns of this and earlier runs; names
    identities: pl.DataFrame  # names


def link_delivery(
    workspace: Workspace,
    parent: str | None,
    extracts: Mapping[str, pl.DataFrame],
    measurements: Mapping[str, list[str]],
    *,
    as_of: date | None,
    seed: int,
    begin: Progressing,
) -> Linked:
    """Link the accepted rows of each source.

    Parameters
    ----------
    workspace, parent
        Where earlier runs stand, and the last of them, if any: its records are linked again with the new ones, and its
        person ids are kept.
    extracts
        Accepted rows of each source (`linkage.delivery.Delivery.extracts`).
    measurements
        Measured columns of each approved source that go into the timeline.
    as_of
        Day up to which earlier runs' records are used, those of the approved sources only; None for all. What is not
        used is kept, so that no child's id is lost by a run over less.
    seed
        Of the random pairs the linkage model learns strangers from.
    begin
        Told each stage.
    """
    begin("output.stage_standardise")
    records = pl.concat([frame.select(RECORDS.names()).cast(RECORDS) for frame in extracts.values()])
    known = _earlier(workspace, parent, "spine", SPINE)
    before = _earlier(workspace, parent, "records", RECORDS).join(records, on=RECORD, how="anti")
    usable = pl.col("source").is_in(list(measurements)) & (pl.col("as_of") <= (as_of or date.max))
    keys = standardise(pl.concat([records, before.filter(usable)]).sort(RECORD))
    begin("output.stage_link")
    linkage = link(keys, seed=seed)
    clustered = linkage.profiles.members.join(linkage.clusters.assignment, on="profile").select(*RECORD, "cluster")
    spine = assign_person_ids(clustered, known, key=workspace.custody.secret(SPINE_KEY))
    delivered = spine.links.join(records, on=RECORD, how="semi")
    linked_now = spine.links.select(*RECORD, "person_id")
    links = person_links(delivered, linkage.profiles.members, linkage.clusters)
    begin("output.stage_timeline")
    return Linked(
        links=links,
        persons=persons(records, delivered, linkage.clusters),
        timeline=build_timeline(extracts, measurements, links),
        traits=record_traits(keys.join(records, on=RECORD, how="semi")),
        spine=spine,
        known=pl.concat([linked_now, known.join(linked_now, on=RECORD, how="anti")]).sort(RECORD),
        linkage=linkage,
        records=pl.concat([records, before]).sort(RECORD),
        identities=identities(records, links),
    )


def _earlier(workspace: Workspace, parent: str | None, name: str, schema: pl.Schema) -> pl.DataFrame:
    """An artefact of the run before; empty where there was none."""
    return pl.DataFrame(schema=schema) if parent is None else read_artefact(workspace, parent, name)
