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

from vocabulary.frames import RECORD

EVENTS = pl.Schema({"kind": pl.String(), "person_id": pl.String(), "other_id": pl.String(), "records": pl.UInt32()})
"""What happened to ids this run kept before: `merged` (other_id's records now belong to person_id) or `split`
(person_id is new and took records from other_id)."""


@dataclass(frozen=True)
class Spine:
    """Person ids of this run.

    Attributes
    ----------
    links
        `source`, `local_id`, `as_of`, `cluster`, `person_id`: one row per record.
    events
        `EVENTS`.
    """

    links: pl.DataFrame
    events: pl.DataFrame


def assign_person_ids(clustered: pl.DataFrame, known: pl.DataFrame, *, key: bytes) -> Spine:
    """Give every cluster a person id, its old one where its records had one.

    Parameters
    ----------
    clustered
        `source`, `local_id`, `as_of`, `cluster`: one row per record.
    known
        vocabulary.frames.SPINE of earlier runs; may be empty.
    key
        Secret of the workspace.
    """
    votes = clustered.join(known, on=RECORD).group_by("cluster", "person_id").agg(pl.len().alias("records"))
    by_strength = votes.sort("records", "person_id", "cluster", descending=[True, False, False])
    # An id that several clusters hold stays with the one that holds most of it; a cluster keeps one of its ids.
    won = by_strength.unique("person_id", keep="first", maintain_order=True)
    kept = won.unique("cluster", keep="first", maintain_order=True).select("cluster", "person_id")
    new = _new_ids(clustered.join(kept, on="cluster", how="anti"), taken=known["person_id"], key=key)
    ids = pl.concat([kept, new])
    return Spine(clustered.join(ids, on="cluster", how="left", maintain_order="left"), _events(votes, ids, kept))


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


def _events(votes: pl.DataFrame, ids: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """Each old id that is not the id its records have now."""
    changed = (
        votes.rename({"person_id": "other_id"})
        .join(ids, on="cluster")
        .filter(pl.col("other_id") != pl.col("person_id"))
    )
    survives = pl.col("other_id").is_in(kept["person_id"].implode())
    return (
        changed.with_columns(kind=pl.when(survives).then(pl.lit("split")).otherwise(pl.lit("merged")))
        .select(EVENTS.names())
        .cast(EVENTS)
        .sort("kind", "person_id", "other_id")
    )
