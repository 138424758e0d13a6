"""Clusters: which profiles are one child, decided from the strongest evidence down.

Each round every cluster looks for its best neighbour; two that choose each other are joined (agglomeration by
reciprocal nearest neighbours, Murtagh 1983). What speaks for joining two clusters is their strongest pair. Against it
speak, softly, the contradictions between their profiles on the average, so that one bad record among many cannot part a
child, but a weak bridge between two well-knit groups that contradict each other does not hold; each source that holds
both at one date: a source seldom holds a child under two numbers at once, but it happens; that several do so is rarer
still; and each source after the first that tells the two with birth dates that differ. What a reviewer decided is never
outweighed.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from linkage.components import components
from linkage.evidence import probability

HELD_AGAIN = 0.5
"""Bits against joining for each further date at which a source holds both, up to `MOST_DATES`."""
MOST_DATES = 6

TOLD_AGAIN = 8.0
"""Bits against joining for each further source that tells both, with birth dates that differ: a slip is made once."""

LATEST_DAY = 2**24
"""Days after 1970 that no date reaches."""

DECIDED = 40.0
"""Bits of a reviewer's decision."""

BITS_DIGITS = 9
"""Decimals kept of the bits of a joining: an average moves in its last digits with the order of its additions."""

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


Numbers = npt.NDArray[np.int64]


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


@dataclass(frozen=True)
class _Groups:
    """Clusters as they grow: arrays by the number of a profile, of which `profiles` are there.

    `label`: the cluster of a profile. `weakest`: bits of the weakest joining by which it came, on the smaller side.
    `size`: records of the cluster with this label.
    """

    profiles: Numbers
    label: Numbers
    weakest: npt.NDArray[np.float64]
    size: Numbers


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
        `left`, `right`, `evidence`, `against` (`linkage.evidence.weigh`), `gamma_birth_date`
        (`linkage.comparing.Comparer.compare`), `same_number` (`linkage.circumstances`).
    members
        `profile`, `source`, `as_of`: one row per record.
    held_at_once
        Bits against one child being held under two numbers of one source at one date.
    decisions
        `left`, `right` (profiles), `verdict`: what reviewers decided, which binds; None for nothing.
    threshold
        Bits below which two clusters stay apart.
    """
    groups = _alone(members)
    edges = _edges(pairs, members)
    same, apart = (_verdicts(decisions, verdict) for verdict in ("same", "different"))
    edges, outside = _connected(edges, same, threshold)
    seen = _seen(members)
    joined = _decided(same)
    joinings: list[pl.DataFrame] = []
    while True:
        if joined.height:
            groups, sized, into = _join(groups, joined)
            joinings.append(sized)
            edges, outside, apart = (_relabel(frame, into) for frame in (edges, outside, apart))
            seen = seen.with_columns(cluster=_at(into, seen["cluster"]))
        seen = seen.filter(pl.col("cluster").is_in(pl.concat([edges["a"], edges["b"]]).implode()))
        seen = seen.unique() if joined.height else seen  # a profile stands once in a file, a cluster of several may not
        offers = _offers(edges, seen, apart, held_at_once, threshold)
        joined = _reciprocal_best(offers.filter(pl.col("bits") > threshold))
        if not joined.height:
            distant = _offers(outside, seen, apart, held_at_once, threshold)
            return _clusters(groups, joinings, pl.concat([offers, distant]))


def _edges(pairs: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """The pairs, strongest first, each between the clusters `a` and `b` of its profiles.

    `telling`: the source, as a number, that tells both profiles if their birth dates differ, under two local ids: under
    one it corrected itself. `born_near`: the dates are the same or near.
    """
    of = np.zeros(1 + int(members["profile"].to_numpy().max(initial=0)), np.int64)
    of[members["profile"]] = members["source"].cast(pl.Categorical).to_physical()
    source = pl.Series(of[pairs["left"]])
    of_one = pl.Series(of[pairs["left"]] == of[pairs["right"]], dtype=pl.Boolean)
    differ = (pl.col("gamma_birth_date") == 0) & of_one & ~pl.col("same_number")
    return pairs.select(
        *("left", "right", "evidence", "against"),
        a="left",
        b="right",
        telling=pl.when(differ).then(source),
        born_near=pl.col("gamma_birth_date") > 0,
    ).sort("evidence", "left", "right", descending=[True, False, False])


def _connected(edges: pl.DataFrame, same: pl.DataFrame, threshold: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Edges within groups that evidence above `threshold` or a decision connects; and the others: they join nothing."""
    ends = ["left", "right"]
    of = components(pl.concat([edges.filter(pl.col("evidence") > threshold).select(ends), same.select(ends)]))
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
        pl.when(~pl.col("born_near").any()).then(pl.col("telling").drop_nulls().n_unique()).otherwise(0),
    )
    worth = between.filter(pl.col("evidence") > threshold)  # only these can join, so only these are looked up
    bits = (
        pl.col("evidence")
        + pl.when(pl.col("evidence") > threshold).then("against").otherwise(0.0)
        - pl.col("held_at_once").fill_null(0.0)
        - TOLD_AGAIN * (pl.col("telling").cast(pl.Float64) - 1).clip(lower_bound=0)
    )
    review = pl.when("different").then(pl.lit("different"))
    return (
        between.join(_held_at_once(worth, seen, held_at_once), on=["a", "b"], how="left")
        .join(apart.select("a", "b", different=pl.lit(True)).unique(), on=["a", "b"], how="left")
        .with_columns(bits=pl.when("different").then(-DECIDED).otherwise(bits).round(BITS_DIGITS), review=review)
        .select("a", "b", "left", "right", "bits", "review")
    )


def _reciprocal_best(offers: pl.DataFrame) -> pl.DataFrame:
    """Offers in which each side is the other's best; each cluster stands in at most one."""
    ordered = offers.sort("bits", "a", "b", descending=[True, False, False])
    a, b = (ordered[side].to_numpy() for side in ("a", "b"))
    place = np.arange(ordered.height)
    best = np.full(1 + int(b.max(initial=0)), ordered.height)  # a < b
    np.minimum.at(best, a, place)
    np.minimum.at(best, b, place)
    return ordered.filter(pl.Series((best[a] == place) & (best[b] == place), dtype=pl.Boolean))


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


def _alone(members: pl.DataFrame) -> _Groups:
    """Every profile by itself."""
    size = np.bincount(members["profile"].to_numpy())
    return _Groups(np.flatnonzero(size), np.arange(len(size)), np.full(len(size), np.inf), size)


def _join(groups: _Groups, joined: pl.DataFrame) -> tuple[_Groups, pl.DataFrame, Numbers]:
    """Give both sides of each joining the label `a`; the smaller side remembers the joining if it is its weakest.

    Returns the new groups, the joinings with `records`, the size of the smaller side, and for each label the one it is
    now.
    """
    a, b, bits = (joined[name].to_numpy() for name in ("a", "b", "bits"))
    size_a, size_b = groups.size[a], groups.size[b]
    at_most = np.full(len(groups.size), np.inf)
    np.minimum.at(at_most, np.where(size_b <= size_a, b, a), bits)
    into = np.arange(len(groups.size))
    into[b] = a
    size = groups.size.copy()
    np.add.at(size, a, size_b)
    size[b] = 0
    grown = _Groups(groups.profiles, into[groups.label], np.minimum(groups.weakest, at_most[groups.label]), size)
    return grown, joined.with_columns(records=pl.Series(np.minimum(size_a, size_b))), into


def _relabel(edges: pl.DataFrame, into: Numbers) -> pl.DataFrame:
    """Edges between the new clusters, `a` < `b`, in their order; those now inside a cluster are dropped."""
    a, b = (into[edges[side]] for side in ("a", "b"))
    moved = edges.with_columns(a=_labels(np.minimum(a, b)), b=_labels(np.maximum(a, b)))
    return moved.filter(pl.Series(a != b, dtype=pl.Boolean))


def _at(into: Numbers, labels: pl.Series) -> pl.Series:
    return _labels(into[labels])


def _labels(numbers: Numbers) -> pl.Series:
    return pl.Series(numbers, dtype=pl.UInt32)


def _clusters(groups: _Groups, joinings: list[pl.DataFrame], offers: pl.DataFrame) -> Clusters:
    of = pl.DataFrame(
        {
            "profile": _labels(groups.profiles),
            "cluster": _labels(groups.label[groups.profiles]),
            "weakest": groups.weakest[groups.profiles],
        }
    )
    assignment = of.select("profile", "cluster", probability(pl.col("weakest")).round(6).alias("match_probability"))
    clusters = assignment.select("cluster").unique().sort("cluster")
    taken = pl.concat(
        [pl.DataFrame(schema={**JOININGS, "a": pl.UInt32(), "b": pl.UInt32()}), *joinings], how="diagonal_relaxed"
    )
    held = taken.group_by(_at(groups.label, taken["a"]).alias("cluster")).agg(pl.col("bits").min())
    confidence = clusters.join(held, on="cluster", how="left", maintain_order="left").select(
        "cluster", probability(pl.col("bits").fill_null(np.inf)).round(6).alias("link_confidence")
    )
    return Clusters(assignment, confidence, _reported(groups, taken, offers))


def _reported(groups: _Groups, taken: pl.DataFrame, offers: pl.DataFrame) -> pl.DataFrame:
    """JOININGS: those taken, and the offers left that come near or that a reviewer refused."""
    left = offers.filter((pl.col("bits") > REPORTED) | pl.col("review").is_not_null())
    records = np.minimum(groups.size[left["a"]], groups.size[left["b"]])
    left = left.with_columns(records=pl.Series(records), joined=pl.lit(False))
    both = [frame.select(JOININGS.names()).cast(JOININGS) for frame in (taken.with_columns(joined=pl.lit(True)), left)]
    return pl.concat(both).sort("left", "right")
