"""The stages that need only some of the records at a time: profiles by number, clusters by group, timeline by number.

On DuckDB each is one call in this process. On Spark the same functions run over parts in its workers, and what they
give is put together here; so both engines give the same.
"""

from collections.abc import Iterable, Mapping
from functools import partial

import polars as pl

from linkage.clusters import REPORTED, Clusters, cluster
from linkage.components import components
from linkage.engine import Connection
from linkage.profiles import Profiles, build_profiles
from linkage.spark.connection import SparkConnection
from linkage.spark.parts import Frames
from linkage.timeline import build_timeline
from vocabulary.frames import RECORD

NUMBER = ["source", "local_id"]


def profiles_on(connection: Connection, standardised: pl.DataFrame) -> Profiles:
    """As `linkage.profiles.build_profiles`."""
    if not isinstance(connection, SparkConnection):
        return build_profiles(standardised)
    parts = connection.in_parts(_build_profiles, {"standardised": standardised}, by=NUMBER)
    held = {
        name: pl.concat(part[name].with_columns(part=place) for place, part in enumerate(parts)) for name in parts[0]
    }
    return _renumbered(held["profiles"], held["members"])


def clusters_on(
    connection: Connection,
    pairs: pl.DataFrame,
    members: pl.DataFrame,
    *,
    held_at_once: float,
    decisions: pl.DataFrame | None = None,
) -> Clusters:
    """As `linkage.clusters.cluster`."""
    if not isinstance(connection, SparkConnection) or members.is_empty():
        return cluster(pairs, members, held_at_once=held_at_once, decisions=decisions)
    connected = [pairs.filter(pl.col("evidence") > REPORTED), *([] if decisions is None else [decisions])]
    groups = components(pl.concat([frame.select("left", "right") for frame in connected]))
    left = groups.rename({"profile": "left"})
    frames = {
        "pairs": pairs.join(left, on="left").join(groups.rename({"profile": "right"}), on=["right", "component"]),
        "members": members.join(groups, on="profile", how="left").with_columns(pl.coalesce("component", "profile")),
    }
    if decisions is not None:
        frames["decisions"] = decisions.join(left, on="left")
    parts = connection.in_parts(partial(_cluster, held_at_once=held_at_once), frames, by=["component"])
    return Clusters(
        pl.concat(part["assignment"] for part in parts).sort("profile"),
        pl.concat(part["confidence"] for part in parts).sort("cluster"),
        pl.concat(part["joinings"] for part in parts).sort("left", "right"),
    )


def timeline_on(
    connection: Connection,
    extracts: Mapping[str, pl.DataFrame],
    measurements: Mapping[str, Iterable[str]],
    links: pl.DataFrame,
) -> pl.DataFrame:
    """As `linkage.timeline.build_timeline`."""
    if not isinstance(connection, SparkConnection):
        return build_timeline(extracts, measurements, links)
    listed = {source: list(items) for source, items in measurements.items()}
    parts = connection.in_parts(partial(_timeline, measurements=listed), {**extracts, LINKS_OF: links}, by=NUMBER)
    return pl.concat(part["timeline"] for part in parts).sort("person_id", "date", "source", "item", "value")


LINKS_OF = "links of a part"
"""No source's name: those have no spaces."""


def _build_profiles(frames: Frames) -> Frames:
    built = build_profiles(frames["standardised"])
    return {"profiles": built.profiles, "members": built.members}


def _cluster(frames: Frames, *, held_at_once: float) -> Frames:
    found = cluster(frames["pairs"], frames["members"], held_at_once=held_at_once, decisions=frames.get("decisions"))
    return {"assignment": found.assignment, "confidence": found.confidence, "joinings": found.joinings}


def _timeline(frames: Frames, *, measurements: Mapping[str, list[str]]) -> Frames:
    extracts = {source: frame for source, frame in frames.items() if source != LINKS_OF}
    return {"timeline": build_timeline(extracts, measurements, frames[LINKS_OF])}


def _renumbered(profiles: pl.DataFrame, members: pl.DataFrame) -> Profiles:
    """Profiles that were numbered part by part, numbered as if they had been built together."""
    ordered = profiles.sort(*NUMBER, "profile")
    numbers = ordered.select("part", "profile", number=pl.int_range(pl.len(), dtype=pl.UInt32))
    numbered = members.join(numbers, on=["part", "profile"], maintain_order="left")
    return Profiles(
        ordered.with_columns(profile=numbers["number"]).drop("part"),
        numbered.select(pl.col("number").alias("profile"), *RECORD),
    )
