"""Clusters: which profiles are one child, decided from the strongest evidence down.

Each round every cluster looks for its best neighbour; two that choose each other are joined (agglomeration by
reciprocal nearest neighbours, Murtagh 1983). What speaks for joining two clusters is their strongest pair. Against it
speak, softly, the contradictions between their profiles on the average, so that one bad record among many cannot part a
child, but a weak bridge between two well-knit groups that contradict each other does not hold; and each source that
holds both at one date: a source seldom holds a child under two numbers at once, but it happens; that several do so is
rarer still. What a reviewer decided is never outweighed.
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

LATEST_DAY = 2**24
"""Days after 1970 that no date reaches."""

DECIDED = 40.0
"""Bits of a reviewer's decision."""

REPORTED = -20.0
"""Bits from which an offer to join that was not taken is reported."""

JOININGS = pl.Schema(
    {
        "left": pl.UInt32(),  # profiles: the strongest pair between the two groups
        "right": pl.UInt32(),
        "bits": pl.Float64(),  # of joining the groups, all constraints in
        "joined": pl.Boolean(),
        "records": pl.UInt32(),  # on the smaller side
        "review": pl.String(),  # the verdict that decided it, if any: same, different
    }
)
"""What was decided of two groups: joined, or kept apart though some pair was compared."""


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
    joinings
        `JOININGS`: every joining, and the best offer between any two clusters that stayed apart.
    """

    assignment: pl.DataFrame
    confidence: pl.DataFrame
    joinings: pl.DataFrame


def components(pairs: pl.DataFrame) -> pl.DataFrame:
    """`profile`, `component` UInt32 (its smallest profile): the profiles that `pairs` (`left`, `right`) connect."""
    ends = pl.concat([pairs["left"], pairs["right"]]).unique().sort()
    left, right = (ends.search_sorted(pairs[side]).to_numpy() for side in ("left", "right"))
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(len(ends), len(ends)))
    labels = pl.DataFrame({"profile": ends, "label": connected_components(graph, directed=False)[1]})
    return labels.select("profile", component=pl.col("profile").min().over("label"))


def cluster(
    pairs: pl.DataFrame,
    members: pl.DataFrame,
    *,
    held_at_once: float,
    decisions: pl.DataFrame | None = None,
    threshold: float = 0.0,
) -> Clusters:
    """Group profiles.

    Parameters
    ----------
    pairs
        `left`, `right`, `evidence`, `against` (`linkage.evidence.weigh`).
    members
        `profile`, `source`, `as_of`: one row per record.
    held_at_once
        Bits against one child being held under two numbers of one source at one date.
    decisions
        `left`, `right` (profiles), `verdict`: what reviewers decided, which binds; None for nothing.
    threshold
        Bits below which two clusters stay apart.
    """
    state = (
        members.group_by("profile")
        .agg(pl.len().alias("records"))
        .sort("profile")
        .with_columns(cluster=pl.col("profile"), weakest=pl.lit(np.inf))
    )
    edges = pairs.select("left", "right", "evidence", "against", a="left", b="right").sort(
        "evidence", "left", "right", descending=[True, False, False]
    )
    edges, outside = _connected(edges, threshold)
    seen = _seen(members)
    apart = _verdicts(decisions, "different")
    joined = _decided(_verdicts(decisions, "same"))
    joinings: list[pl.DataFrame] = []
    while True:
        if joined.height:
            state, sized = _join_state(state, joined)
            joinings.append(sized)
            edges, outside, apart = (_relabel(frame, joined) for frame in (edges, outside, apart))
            seen = _follow(seen, "cluster", joined)
        seen = seen.filter(pl.col("cluster").is_in(pl.concat([edges["a"], edges["b"]]).implode()))
        seen = seen.unique() if joined.height else seen  # a profile stands once in a file, a cluster of several may not
        offers = _offers(edges, seen, apart, held_at_once, threshold)
        joined = _reciprocal_best(offers.filter(pl.col("bits") > threshold))
        if not joined.height:
            distant = _offers(outside, seen, apart, held_at_once, threshold)
            return _clusters(state, joinings, pl.concat([offers, distant]))


def _connected(edges: pl.DataFrame, threshold: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Edges within groups that evidence above `threshold` connects, and the others, along which nothing is joined."""
    of = components(edges.filter(pl.col("evidence") > threshold))
    sides = [of.rename({"profile": side, "component": f"{side}_component"}) for side in ("a", "b")]
    placed = edges.join(sides[0], on="a", how="left", maintain_order="left").join(
        sides[1], on="b", how="left", maintain_order="left"
    )
    inside = (pl.col("a_component") == pl.col("b_component")).fill_null(False)
    return tuple(placed.filter(which).select(edges.columns) for which in (inside, ~inside))  # type: ignore[return-value]


def _seen(members: pl.DataFrame) -> pl.DataFrame:
    """`cluster`, `source` (a number for each) and `file`, a number for each source and date, of what has a date."""
    source = pl.col("source").cast(pl.Categorical).to_physical().cast(pl.Int64)
    day = pl.col("as_of").cast(pl.Int32).cast(pl.Int64)
    return (
        members.drop_nulls("as_of")
        .select("profile", source=source, file=source * LATEST_DAY + day)
        .rename({"profile": "cluster"})
    )


def _verdicts(decisions: pl.DataFrame | None, verdict: str) -> pl.DataFrame:
    """Pairs of `verdict`: `left`, `right`, `a` < `b`."""
    if decisions is None:
        return pl.DataFrame(schema={"left": pl.UInt32, "right": pl.UInt32, "a": pl.UInt32, "b": pl.UInt32})
    return decisions.filter((pl.col("verdict") == verdict) & (pl.col("left") != pl.col("right"))).select(
        "left", "right", a=pl.min_horizontal("left", "right"), b=pl.max_horizontal("left", "right")
    )


def _decided(same: pl.DataFrame) -> pl.DataFrame:
    """Joinings that reviewers decided, each profile to the smallest of those it is connected with."""
    return (
        components(same.select("left", "right"))
        .filter(pl.col("profile") != pl.col("component"))
        .select(a="component", b="profile", left="component", right="profile", bits=pl.lit(DECIDED))
        .with_columns(review=pl.lit("same"))
    )


def _offers(
    edges: pl.DataFrame, seen: pl.DataFrame, apart: pl.DataFrame, held_at_once: float, threshold: float
) -> pl.DataFrame:
    """Every two clusters between which a pair was compared: `a` < `b`, `left`, `right`, `bits`, `review`.

    `edges` are in the order of their evidence, strongest first.
    """
    between = edges.group_by("a", "b").agg(
        pl.col("left", "right", "evidence").first(),
        pl.when(pl.len() > 1).then(pl.col("against").mean()).otherwise(0.0).alias("against"),
    )
    worth = between.filter(pl.col("evidence") > threshold)  # only these can join, so only these are looked up
    bits = (
        pl.col("evidence")
        + pl.when(pl.col("evidence") > threshold).then("against").otherwise(0.0)
        - pl.col("held_at_once").fill_null(0.0)
    )
    review = pl.when("different").then(pl.lit("different"))
    return (
        between.join(_held_at_once(worth, seen, held_at_once), on=["a", "b"], how="left")
        .join(apart.select("a", "b", different=pl.lit(True)).unique(), on=["a", "b"], how="left")
        .select("a", "b", "left", "right", bits=pl.when("different").then(-DECIDED).otherwise(bits), review=review)
    )


def _reciprocal_best(offers: pl.DataFrame) -> pl.DataFrame:
    """Offers in which each side is the other's best; each cluster stands in at most one."""
    ordered = offers.sort("bits", "a", "b", descending=[True, False, False]).with_row_index("order")
    ends = pl.concat([ordered.select("order", end="a"), ordered.select("order", end="b")])
    best = ends.group_by("end").agg(pl.col("order").min())
    chosen_twice = best.group_by("order").agg(pl.len().alias("choices")).filter(pl.col("choices") == 2)
    return ordered.join(chosen_twice, on="order", how="semi").drop("order")


def _held_at_once(between: pl.DataFrame, seen: pl.DataFrame, first: float) -> pl.DataFrame:
    """Bits against joining `a` and `b` for the dates at which one source holds both."""
    dates = (
        between.select("a", "b")
        .join(seen, left_on="a", right_on="cluster")
        .join(seen, left_on=["b", "file"], right_on=["cluster", "file"], how="semi")
    )
    further = (pl.len() - 1).clip(upper_bound=MOST_DATES)
    by_source = dates.group_by("a", "b", "source").agg((first + HELD_AGAIN * further).alias("held_at_once"))
    return by_source.group_by("a", "b").agg(pl.col("held_at_once").sum())


def _join_state(state: pl.DataFrame, joined: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give both sides of each joining the label `a`; the smaller side remembers the joining if it is its weakest.

    Returns the new state and the joinings with `records`, the size of the smaller side.
    """
    sizes = state.group_by("cluster").agg(pl.col("records").sum().alias("size"))
    sided = joined.join(sizes.rename({"cluster": "a", "size": "size_a"}), on="a").join(
        sizes.rename({"cluster": "b", "size": "size_b"}), on="b"
    )
    smaller = (
        sided.select(
            cluster=pl.when(pl.col("size_b") <= pl.col("size_a")).then("b").otherwise("a"), bits=pl.col("bits")
        )
        .group_by("cluster")
        .agg(pl.col("bits").min())
    )
    remembered = state.join(smaller, on="cluster", how="left", maintain_order="left").with_columns(
        weakest=pl.min_horizontal("weakest", "bits")
    )
    sized = sided.with_columns(records=pl.min_horizontal("size_a", "size_b")).drop("size_a", "size_b")
    return _follow(remembered.drop("bits"), "cluster", joined), sized


def _relabel(edges: pl.DataFrame, joined: pl.DataFrame) -> pl.DataFrame:
    """Edges between the new clusters, `a` < `b`, in their order; those now inside a cluster are dropped."""
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


def _clusters(state: pl.DataFrame, joinings: list[pl.DataFrame], offers: pl.DataFrame) -> Clusters:
    assignment = state.select("profile", "cluster", probability(pl.col("weakest")).round(6).alias("match_probability"))
    clusters = assignment.select("cluster").unique().sort("cluster")
    taken = pl.concat(
        [pl.DataFrame(schema={**JOININGS, "a": pl.UInt32(), "b": pl.UInt32()}), *joinings], how="diagonal"
    )
    final = state.select("profile", "cluster").rename({"profile": "a"})
    held = taken.join(final, on="a").group_by("cluster").agg(pl.col("bits").min())
    confidence = clusters.join(held, on="cluster", how="left", maintain_order="left").select(
        "cluster", probability(pl.col("bits").fill_null(np.inf)).round(6).alias("link_confidence")
    )
    return Clusters(assignment, confidence, _reported(state, taken, offers))


def _reported(state: pl.DataFrame, taken: pl.DataFrame, offers: pl.DataFrame) -> pl.DataFrame:
    """JOININGS: those taken, and the offers left that come near or that a reviewer refused."""
    sizes = state.group_by("cluster").agg(pl.col("records").sum().alias("size"))
    left = (
        offers.filter((pl.col("bits") > REPORTED) | pl.col("review").is_not_null())
        .join(sizes.rename({"cluster": "a", "size": "size_a"}), on="a")
        .join(sizes.rename({"cluster": "b", "size": "size_b"}), on="b")
        .with_columns(records=pl.min_horizontal("size_a", "size_b"), joined=pl.lit(False))
    )
    both = pl.concat([taken.with_columns(joined=pl.lit(True)).select(JOININGS.names()), left.select(JOININGS.names())])
    return both.cast(JOININGS).sort("left", "right")
