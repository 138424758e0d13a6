"""Clusters: which profiles are one child, decided from the strongest evidence down.

Each round every cluster looks for its best neighbour; two that choose each other are joined (agglomeration by
reciprocal nearest neighbours, Murtagh 1983). What speaks for joining two clusters is their strongest pair. Against it
speak, softly, the contradictions between their profiles on the average, so that one bad record among many cannot part a
child, but a weak bridge between two well-knit groups that contradict each other does not hold; and each source that
holds both at one date: a source seldom holds a child under two numbers at once, but it happens; that several do so is
rarer still.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from linkage.evidence import probability

HELD_AGAIN = 0.5
"""Bits against joining for each further date at which a source holds both, up to `MOST_DATES`."""
MOST_DATES = 6

LARGEST_COMPONENT = 60
"""Profiles of a connected component up to which every pair in it is compared, found by blocking or not."""


@dataclass(frozen=True)
class Clusters:
    """Profiles grouped into children.

    Attributes
    ----------
    assignment
        `profile` UInt32, `cluster` UInt32 (its smallest profile), `match_probability` Float64: the weakest joining by
        which this profile, on the smaller side, came to the rest; 1 where it is alone or at the core.
    confidence
        `cluster`, `link_confidence` Float64: the weakest joining that holds the cluster together; 1 for a single.
    """

    assignment: pl.DataFrame
    confidence: pl.DataFrame


def pairs_to_complete(pairs: pl.DataFrame, profiles: int) -> pl.DataFrame:
    """Pairs not yet compared, within groups of profiles that evidence connects: `left` < `right`.

    A chain of good pairs may join two children; their direct comparison, which blocking never asked for, shows it.
    """
    linked = pairs.filter(pl.col("evidence") > 0)
    left, right = linked["left"].to_numpy(), linked["right"].to_numpy()
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(profiles, profiles))
    component = connected_components(graph, directed=False)[1]
    members = (
        pl.DataFrame({"profile": np.arange(profiles, dtype=np.uint32), "component": component})
        .with_columns(size=pl.len().over("component"))
        .filter(pl.col("size").is_between(3, LARGEST_COMPONENT))
        .select("profile", "component")
    )
    return (
        members.rename({"profile": "left"})
        .join(members.rename({"profile": "right"}), on="component")
        .filter(pl.col("left") < pl.col("right"))
        .select("left", "right")
        .join(pairs, on=["left", "right"], how="anti")
        .sort("left", "right")
    )


def cluster(pairs: pl.DataFrame, members: pl.DataFrame, *, held_at_once: float, threshold: float = 0.0) -> Clusters:
    """Group profiles.

    Parameters
    ----------
    pairs
        `left`, `right`, `evidence`, `against` (`linkage.evidence.weigh`).
    members
        `profile`, `source`, `as_of`: one row per record. Profiles are numbered from 0 without gaps.
    held_at_once
        Bits against one child being held under two numbers of one source at one date.
    threshold
        Bits below which two clusters stay apart.
    """
    state = (
        members.group_by("profile")
        .agg(pl.len().alias("records"))
        .sort("profile")
        .with_columns(cluster=pl.col("profile"), weakest=pl.lit(np.inf))
    )
    edges = pairs.rename({"left": "a", "right": "b"})
    seen = members.select("source", "as_of", cluster=pl.col("profile")).unique()
    joinings: list[pl.DataFrame] = []
    while (joined := _reciprocal_best(edges, seen, held_at_once, threshold)).height:
        joinings.append(joined)
        state = _join_state(state, joined)
        edges = _relabel(edges, joined)
        seen = _follow(seen, "cluster", joined).unique()
    return _clusters(state, joinings)


def _reciprocal_best(edges: pl.DataFrame, seen: pl.DataFrame, held_at_once: float, threshold: float) -> pl.DataFrame:
    """Joinings of this round: `a` < `b`, `bits`; each cluster stands in at most one."""
    between = (
        edges.group_by("a", "b")
        .agg(
            pl.col("evidence").max(),
            pl.when(pl.len() > 1).then(pl.col("against").mean()).otherwise(0).alias("against"),
        )
        .filter(pl.col("evidence") > threshold)
    )
    scored = (
        between.join(_held_at_once(between, seen, held_at_once), on=["a", "b"], how="left")
        .with_columns(bits=pl.col("evidence") + pl.col("against") - pl.col("held_at_once").fill_null(0.0))
        .filter(pl.col("bits") > threshold)
        .select("a", "b", "bits")
        .sort("bits", "a", "b", descending=[True, False, False])
        .with_row_index("order")
    )
    ends = pl.concat([scored.select("order", end="a"), scored.select("order", end="b")])
    best = ends.group_by("end").agg(pl.col("order").min())
    chosen_twice = best.group_by("order").agg(pl.len().alias("choices")).filter(pl.col("choices") == 2)
    return scored.join(chosen_twice, on="order", how="semi").select("a", "b", "bits")


def _held_at_once(between: pl.DataFrame, seen: pl.DataFrame, first: float) -> pl.DataFrame:
    """Bits against joining `a` and `b` for the dates at which one source holds both."""
    dates = (
        between.select("a", "b")
        .join(seen, left_on="a", right_on="cluster")
        .join(seen, left_on=["b", "source", "as_of"], right_on=["cluster", "source", "as_of"], how="semi")
    )
    further = (pl.len() - 1).clip(upper_bound=MOST_DATES)
    by_source = dates.group_by("a", "b", "source").agg((first + HELD_AGAIN * further).alias("held_at_once"))
    return by_source.group_by("a", "b").agg(pl.col("held_at_once").sum())


def _join_state(state: pl.DataFrame, joined: pl.DataFrame) -> pl.DataFrame:
    """Give both sides of each joining the label `a`; the smaller side remembers the joining if it is its weakest."""
    sizes = state.group_by("cluster").agg(pl.col("records").sum().alias("size"))
    sided = joined.join(sizes.rename({"cluster": "a", "size": "size_a"}), on="a").join(
        sizes.rename({"cluster": "b", "size": "size_b"}), on="b"
    )
    smaller = sided.select(
        cluster=pl.when(pl.col("size_b") <= pl.col("size_a")).then("b").otherwise("a"), bits=pl.col("bits")
    )
    remembered = state.join(smaller, on="cluster", how="left", maintain_order="left").with_columns(
        weakest=pl.min_horizontal("weakest", "bits")
    )
    return _follow(remembered.drop("bits"), "cluster", joined)


def _relabel(edges: pl.DataFrame, joined: pl.DataFrame) -> pl.DataFrame:
    """Edges between the new clusters, `a` < `b`; those now inside a cluster are dropped."""
    moved = _follow(_follow(edges, "a", joined), "b", joined).filter(pl.col("a") != pl.col("b"))
    return moved.with_columns(a=pl.min_horizontal("a", "b"), b=pl.max_horizontal("a", "b"))


def _follow(frame: pl.DataFrame, column: str, joined: pl.DataFrame) -> pl.DataFrame:
    """Replace each absorbed label of `column` by the label that absorbed it."""
    targets = joined.select(pl.col("b").alias(column), pl.col("a").alias("target"))
    return (
        frame.join(targets, on=column, how="left", maintain_order="left")
        .with_columns(pl.coalesce("target", column).alias(column))
        .drop("target")
    )


def _clusters(state: pl.DataFrame, joinings: list[pl.DataFrame]) -> Clusters:
    assignment = state.select("profile", "cluster", probability(pl.col("weakest")).round(6).alias("match_probability"))
    clusters = assignment.select("cluster").unique().sort("cluster")
    weakest = pl.lit(np.inf)
    if joinings:
        final = state.select("profile", "cluster").rename({"profile": "a"})
        held = pl.concat(joinings).join(final, on="a").group_by("cluster").agg(pl.col("bits").min())
        clusters = clusters.join(held, on="cluster", how="left", maintain_order="left")
        weakest = pl.col("bits").fill_null(np.inf)
    return Clusters(assignment, clusters.select("cluster", probability(weakest).round(6).alias("link_confidence")))
