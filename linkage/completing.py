"""Completing: joinings that are likely because hardly anyone is missing from the other source.

The evidence of a pair starts from how often any two profiles are one child. Where two sources hold children at one
date, and most of those of the one are found in the other, that is too little for the few left over: whom they are
left over with is nearly known. With n children found in both of two files of a and b children, none of them twice, the
odds that two left over are one child are n / ((a − n)(b − n)), not n / (a b) (Sadinle 2017). The shares come from the
clusters themselves, among all children or among those of one school year (`linkage.overlap`). Only groups between
which a pair was compared are looked at, and none of them twice in one file.
"""

import polars as pl

from linkage.clusters import BITS_DIGITS, Clusters
from linkage.evidence import probability
from linkage.overlap import find_files, find_overlap, left_over

SURE = 2.0
"""Bits from which two groups left over are joined. More than even odds, since the shares are those of all children of a
date and school year, and some, such as those who moved in late, are missing from a source more often than others."""

SIDES = ("left", "right")


def complete(
    clusters: Clusters,
    pairs: pl.DataFrame,
    members: pl.DataFrame,
    profiles: pl.DataFrame,
    *,
    decisions: pl.DataFrame | None = None,
) -> Clusters:
    """Join what is left over in two sources of one date, if nothing else comes near.

    Parameters
    ----------
    clusters
        Found by the evidence alone (`linkage.clusters.cluster`).
    pairs
        `left`, `right`, `against` (`linkage.evidence.weigh`).
    members
        `profile`, `source`, `as_of`: one row per record; `as_of` null where the date tells nothing
        (`linkage.repeats.without_repeats`).
    profiles
        `profile`, `birth_date`, a list of ISO dates, the most frequent first.
    decisions
        `left`, `right` (profiles), `verdict` of reviewers: groups of which two are `different` stay apart.
    """
    different = pl.DataFrame(schema={"left": pl.UInt32, "right": pl.UInt32})
    if decisions is not None:
        different = decisions.filter(pl.col("verdict") == "different").select("left", "right")
    files = find_files(members, profiles)
    while True:
        of = clusters.assignment.select("profile", "cluster")
        undecided = _open_offers(clusters, of).join(_between(different, of), on=["a", "b"], how="anti")
        offers = left_over(undecided, find_overlap(files, of))
        against = _against(offers, pairs, of)
        joined = _against_rivals(offers.join(against, on=["a", "b"])).filter(pl.col("bits") > SURE)
        if joined.is_empty():
            return clusters
        clusters = _joined(clusters, joined, members)


def _open_offers(clusters: Clusters, of: pl.DataFrame) -> pl.DataFrame:
    """Offers that were not taken, and not by a reviewer: `left`, `right`, `bits`, and their clusters `a` < `b`."""
    still = clusters.joinings.filter(~pl.col("joined") & pl.col("review").is_null())
    return _between(still, of).select("left", "right", "bits", "a", "b")


def _between(pairs: pl.DataFrame, of: pl.DataFrame) -> pl.DataFrame:
    """Pairs of profiles (`left`, `right`) with their clusters, `a` <= `b`."""
    sides = [of.select(pl.col("profile").alias(side), pl.col("cluster").alias(f"{side}_in")) for side in SIDES]
    ends = pl.col("left_in", "right_in")
    return (
        pairs.join(sides[0], on="left", maintain_order="left")
        .join(sides[1], on="right", maintain_order="left")
        .with_columns(a=pl.min_horizontal(ends), b=pl.max_horizontal(ends))
        .drop("left_in", "right_in")
    )


def _against(offers: pl.DataFrame, pairs: pl.DataFrame, of: pl.DataFrame) -> pl.DataFrame:
    """`a`, `b`, `against`: what the pairs between two groups contradict on the average, beyond the offered one.

    What that one contradicts is in the bits of the offer; where it speaks for one child, so is the average.
    """
    ends = pl.concat([offers["a"], offers["b"]]).implode()
    within = of.filter(pl.col("cluster").is_in(ends))
    beyond = (pl.col("against") - pl.col("own")).clip(upper_bound=0)
    own = pairs.join(offers, on=SIDES, how="semi").select(*SIDES, "evidence", own="against")
    return (
        _between(pairs.select(*SIDES, "against"), within)
        .join(offers, on=["a", "b"], how="semi")
        .group_by("a", "b")
        .agg(pl.col("against").mean())
        .join(_between(own, within), on=["a", "b"])
        .select("a", "b", against=pl.when(pl.col("evidence") > 0).then(0.0).otherwise(beyond))
    )


def _against_rivals(offers: pl.DataFrame) -> pl.DataFrame:
    """Offers with `bits` against neither being one child, or either being one with any other it is offered.

    Above 0 an offer is the best of both sides, so that each cluster stands in at most one.
    """
    weighed = offers.with_columns(odds=pl.lit(2.0).pow((pl.col("bits") + pl.col("against")).clip(-60, 60)))
    ends = pl.concat([weighed.select("odds", end=side) for side in ("a", "b")])
    total = ends.group_by("end").agg(pl.col("odds").sum())
    all_of = [total.rename({"end": side, "odds": f"odds_{side}"}) for side in ("a", "b")]
    rivals = (pl.max_horizontal("odds_a", "odds_b") - pl.col("odds")).clip(0)
    return (
        weighed.join(all_of[0], on="a")
        .join(all_of[1], on="b")
        .select("left", "right", "a", "b", bits=(pl.col("odds") / (1 + rivals)).log(2).round(BITS_DIGITS))
    )


def _joined(clusters: Clusters, joined: pl.DataFrame, members: pl.DataFrame) -> Clusters:
    """Clusters after each `b` is joined to its `a`; the smaller side remembers it."""
    ends = pl.concat([joined["a"], joined["b"]]).implode()
    within = clusters.assignment.filter(pl.col("cluster").is_in(ends))
    sizes = members.join(within, on="profile").group_by("cluster").len("size")
    sided = joined.join(sizes.rename({"size": "size_a"}), left_on="a", right_on="cluster").join(
        sizes.rename({"size": "size_b"}), left_on="b", right_on="cluster"
    )
    at_most = probability(pl.col("bits")).round(6)
    smaller = sided.select(
        cluster=pl.when(pl.col("size_b") <= pl.col("size_a")).then("b").otherwise("a"), at_most=at_most
    )
    moved = joined.select(cluster="b", into="a")
    into = pl.coalesce("into", "cluster").alias("cluster")
    assignment = (
        clusters.assignment.join(smaller, on="cluster", how="left", maintain_order="left")
        .join(moved, on="cluster", how="left", maintain_order="left")
        .select("profile", into, pl.min_horizontal("match_probability", "at_most").alias("match_probability"))
    )
    weakest = joined.select(cluster="a", at_most=at_most)
    confidence = (
        clusters.confidence.join(moved, on="cluster", how="left")
        .group_by(into)
        .agg(pl.col("link_confidence").min())
        .join(weakest, on="cluster", how="left")
        .select("cluster", pl.min_horizontal("link_confidence", "at_most").alias("link_confidence"))
        .sort("cluster")
    )
    return Clusters(assignment, confidence, _with_taken(clusters.joinings, joined, assignment))


def _with_taken(joinings: pl.DataFrame, joined: pl.DataFrame, assignment: pl.DataFrame) -> pl.DataFrame:
    """Joinings with those now taken, and of the others the best between any two clusters."""
    taken = joined.select("left", "right", taken="bits")
    marked = joinings.join(taken, on=["left", "right"], how="left", maintain_order="left").with_columns(
        bits=pl.coalesce("taken", "bits"), joined=pl.col("joined") | pl.col("taken").is_not_null()
    )
    best = pl.col("bits").rank("ordinal", descending=True).over("a", "b", "joined") == 1  # one, also of equal ones
    kept = pl.col("joined") | pl.col("review").is_not_null() | (best & (pl.col("a") != pl.col("b")))
    return _between(marked, assignment).filter(kept).select(joinings.columns)
