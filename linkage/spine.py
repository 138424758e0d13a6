"""The spine: person ids that stay from run to run.

A child found again keeps the id its records carried before. New ids are keyed hashes of the child's first record, so
that they say nothing of the child, cannot be recomputed without the workspace's key, and come out the same when a run
is repeated.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass

import polars as pl

from vocabulary.frames import EVENTS, RECORD, SPINE


@dataclass(frozen=True)
class Spine:
    """Person ids of this run.

    Attributes
    ----------
    links
        `source`, `local_id`, `as_of`, `cluster`, `person_id`: one row per record.
    events
        EVENTS.
    former
        SPINE of ids that have no record any more: the records each last had. A child that is parted again from the one
        it was merged with gets its id back.
    """

    links: pl.DataFrame
    events: pl.DataFrame
    former: pl.DataFrame


def assign_person_ids(
    clustered: pl.DataFrame,
    known: pl.DataFrame,
    *,
    former: pl.DataFrame | None = None,
    reasons: pl.DataFrame | None = None,
    key: bytes,
) -> Spine:
    """Give every cluster a person id, its old one where its records had one.

    Parameters
    ----------
    clustered
        `source`, `local_id`, `as_of`, `cluster`: one row per record.
    known
        SPINE of earlier runs; may be empty.
    former
        `Spine.former` of the run before.
    reasons
        `cluster`, `reason`: why a cluster may have changed, for the events; `records` where it is not listed.
    key
        Secret of the workspace.
    """
    before = pl.DataFrame(schema=SPINE) if former is None else former
    votes = _votes(clustered, known, before)
    kept = _kept(votes)
    rest = clustered.join(kept, on="cluster", how="anti")
    gone_before = before.join(known, on="person_id", how="anti")
    back = _kept(_votes(rest, gone_before, gone_before.clear()))
    taken = pl.concat([known["person_id"], before["person_id"]])
    ids = pl.concat([kept, back, _new_ids(rest.join(back, on="cluster", how="anti"), taken=taken, key=key)])
    links = clustered.join(ids, on="cluster", how="left", maintain_order="left")
    now = known.join(clustered, on=RECORD, how="anti")["person_id"]
    gone = known.filter(~pl.col("person_id").is_in(pl.concat([ids["person_id"], now]).implode()))
    still = pl.concat([before, gone]).unique([*RECORD, "person_id"], maintain_order=True)
    return Spine(
        links,
        _events(votes, ids, kept, reasons),
        still.filter(~pl.col("person_id").is_in(ids["person_id"].implode())).sort(*RECORD, "person_id"),
    )


def _votes(clustered: pl.DataFrame, known: pl.DataFrame, former: pl.DataFrame) -> pl.DataFrame:
    """How many records of each cluster carried each id, and `own`, how many not only since another id was merged in."""
    number = ["source", "local_id"]
    carried = clustered.join(known, on=RECORD)
    before = former.select(*number, former_id="person_id")
    merged_in = (
        carried.join(before, on=number).filter(pl.col("former_id") != pl.col("person_id")).select(number).unique()
    )
    marked = carried.join(merged_in.with_columns(own=False), on=number, how="left").with_columns(
        pl.col("own").fill_null(True)
    )
    return marked.group_by("cluster", "person_id").agg(pl.len().alias("records"), pl.col("own").sum())


def _kept(votes: pl.DataFrame) -> pl.DataFrame:
    """`cluster`, `person_id`: an id stays with the cluster that holds most of it, a cluster keeps one of its ids.

    Records of a number that came by a merge count last, so that an undone merge leaves the id with whose it was.
    """
    by_strength = votes.sort("own", "records", "person_id", "cluster", descending=[True, True, False, False])
    won = by_strength.unique("person_id", keep="first", maintain_order=True)
    return won.unique("cluster", keep="first", maintain_order=True).select("cluster", "person_id")


def _new_ids(clustered: pl.DataFrame, *, taken: pl.Series, key: bytes) -> pl.DataFrame:
    """`cluster`, `person_id` for clusters without a known id, from each one's first record."""
    founders = clustered.sort("as_of", "source", "local_id").unique("cluster", keep="first", maintain_order=True)
    used = set(taken)
    ids = [
        _unused_id(f"{source}\x1f{local_id}\x1f{as_of}", used, key)
        for source, local_id, as_of in founders.select(RECORD).iter_rows()
    ]
    return founders.select("cluster").with_columns(pl.Series("person_id", ids, pl.String))


def _unused_id(founder: str, used: set[str], key: bytes) -> str:
    """An 80-bit keyed hash (HMAC-SHA-256, RFC 2104) of the founding record; the next one where it is in use."""
    attempt = 0
    while True:
        digest = hmac.new(key, f"{founder}\x1f{attempt}".encode(), hashlib.sha256).digest()
        person_id = base64.b32encode(digest[:10]).decode().lower()
        if person_id not in used:
            used.add(person_id)
            return person_id
        attempt += 1


def _events(votes: pl.DataFrame, ids: pl.DataFrame, kept: pl.DataFrame, reasons: pl.DataFrame | None) -> pl.DataFrame:
    """Each old id that is not the id its records have now."""
    changed = (
        votes.rename({"person_id": "other_id"})
        .join(ids, on="cluster")
        .filter(pl.col("other_id") != pl.col("person_id"))
    )
    if reasons is None:
        why = changed.with_columns(reason=pl.lit("records"))
    else:
        why = changed.join(reasons, on="cluster", how="left").with_columns(pl.col("reason").fill_null("records"))
    survives = pl.col("other_id").is_in(kept["person_id"].implode())
    return (
        why.with_columns(kind=pl.when(survives).then(pl.lit("split")).otherwise(pl.lit("merged")))
        .select(EVENTS.names())
        .cast(EVENTS)
        .sort("kind", "person_id", "other_id")
    )
