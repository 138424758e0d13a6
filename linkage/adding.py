"""Adding: a later delivery linked with what is known, at the cost of what it changes.

The model stays as it is. Only profiles that are new or show something new are compared with all; of the known pairs
only those whose dates matter are compared or weighed again (`linkage.affected`); and only the groups of profiles are
clustered again of which some pair weighs otherwise than before. What comes out is as if all records were linked at
once, with these exceptions. Frequencies of values stay in known pairs as they were when those were compared. Known
pairs stay that would not be compared today: of a block that has since grown too large, or of a profile that had no
match then. Names in each other's columns are turned round in what is delivered alone. And where a group is not
clustered again, the sizes stay by which the smaller side of a joining is told, and the bits of an offer that was not
taken, if birth dates that a source tells of the two came to differ.
"""

import polars as pl

from linkage.affected import affected
from linkage.blocking import block
from linkage.circumstances import with_circumstances
from linkage.clusters import REPORTED, Clusters
from linkage.comparing import Comparer
from linkage.completing import complete
from linkage.components import components
from linkage.decided import decisions_of_profiles
from linkage.engine import Connection
from linkage.evidence import weigh
from linkage.extending import Extended, extend_profiles
from linkage.further import further_pairs
from linkage.households import SURE, find_households, with_support
from linkage.linked import Known, Linkage
from linkage.model import Model
from linkage.repeats import without_repeats
from linkage.stages import clusters_on
from linkage.swaps import unswap
from vocabulary.frames import RECORD

PAIR = ["left", "right"]


def add(
    connection: Connection,
    standardised: pl.DataFrame,
    known: Known,
    model: Model,
    *,
    decisions: pl.DataFrame | None = None,
) -> Linkage:
    """Link standardised records with what is known.

    Parameters
    ----------
    connection
        Where the heavy stages run.
    standardised
        STANDARDISED; records of known keys take the place of the known ones.
    known
        An earlier linkage under `model`.
    model
        That model.
    decisions
        DECISIONS of reviewers, which bind.
    """
    earlier = _without(known.keys, standardised)
    new = unswap(standardised, among=earlier)
    extended = extend_profiles(known.profiles, known.keys, new)
    members = without_repeats(extended.profiles.members, model.repeating)
    comparer = Comparer(connection, extended.profiles.profiles)
    standing, weighed = _weighed(connection, comparer, known, extended, members, model)
    standing, changed = _supported(standing, weighed, extended.profiles.profiles, model)
    pairs = pl.concat([standing, changed])
    decided = decisions_of_profiles(decisions, extended.profiles.members)
    touched = _touched(pairs, changed, known, extended, members, decided)
    by_evidence = _clustered_again(
        connection, known.by_evidence, pairs, members, touched, extended.gone, model, decided
    )
    clusters = complete(by_evidence, pairs, members, extended.profiles.profiles, decisions=decided)
    keys = pl.concat([earlier, new])
    return Linkage(keys, extended.profiles, pairs, by_evidence, clusters, model)


def _without(keys: pl.DataFrame, standardised: pl.DataFrame) -> pl.DataFrame:
    """Known keys whose records are not delivered again."""
    dates = standardised["as_of"].unique().implode()
    if not keys["as_of"].is_in(dates).any():
        return keys
    return keys.join(standardised, on=RECORD, how="anti", maintain_order="left")


def _weighed(
    connection: Connection,
    comparer: Comparer,
    known: Known,
    extended: Extended,
    members: pl.DataFrame,
    model: Model,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Known pairs that stand as they are, and those weighed now, new or known, without household support."""
    profiles = extended.profiles.profiles
    which = affected(known.pairs, known.profiles.profiles, extended)
    again = known.pairs.lazy().filter(which.compare).select(PAIR).collect()
    compared = comparer.compare(pl.concat([block(connection, profiles, fresh=extended.fresh), again]))[0]
    compared = pl.concat([known.pairs.filter(which.weigh).select(compared.columns), compared])
    weighed = weigh(with_circumstances(compared, profiles, members, model.ages), model)
    standing = known.pairs.filter(which.still & ~which.compare & ~which.weigh)
    lost = known.pairs.lazy().filter(~which.still).select(PAIR).collect()
    changed = pl.concat([frame[side] for frame in (lost, weighed) for side in PAIR]).unique()
    changed = changed.filter(~changed.is_in(extended.gone.implode()))
    evidence = pl.concat([frame.select(*PAIR, "evidence") for frame in (standing, weighed)])
    asked = further_pairs(connection, profiles, evidence, fresh=extended.fresh, changed=changed)
    further = comparer.compare(asked)[0]
    return standing, pl.concat([weighed, weigh(with_circumstances(further, profiles, members, model.ages), model)])


def _supported(
    standing: pl.DataFrame, weighed: pl.DataFrame, profiles: pl.DataFrame, model: Model
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Known pairs that stand as they are, and those weighed now or supported now, with their household support."""
    evidence = pl.concat([frame.select(weighed.columns) for frame in (standing, weighed)])
    lived = find_households(evidence, profiles, model, among=pl.col("evidence") < SURE)
    ends = lived.connected.select(PAIR)
    connected = standing.join(ends, on=PAIR, how="semi", maintain_order="left")
    if connected.height:
        standing = standing.join(ends, on=PAIR, how="anti", maintain_order="left")
    changed = with_support(pl.concat([connected.select(weighed.columns), weighed]), lived, model.support)
    return standing.select(changed.columns), changed


def _touched(
    pairs: pl.DataFrame,
    changed: pl.DataFrame,
    known: Known,
    extended: Extended,
    members: pl.DataFrame,
    decided: pl.DataFrame | None,
) -> pl.Series:
    """Profiles to be clustered again: of groups of which something changed, and of those that stand next to them.

    Groups are connected by evidence for one child, or by a decision. Two stand next to each other where the offer to
    join them is reported.
    """
    before = known.by_evidence
    connecting = [pairs.lazy().filter(pl.col("evidence") > 0).select(PAIR).collect()]
    reviewed = [before.joinings.filter(pl.col("review").is_not_null()).select(PAIR)]
    if decided is not None:
        connecting.append(decided.select(PAIR))
        reviewed.append(decided.select(PAIR))
    connected = components(pl.concat(connecting))
    groups = extended.profiles.profiles.select("profile").join(connected, on="profile", how="left")
    groups = groups.with_columns(pl.coalesce("component", "profile"))
    gone = extended.gone.implode()
    lost = known.pairs.lazy().filter(
        (pl.col("evidence") > REPORTED) & (pl.col("left").is_in(gone) | pl.col("right").is_in(gone))
    )
    left_alone = before.assignment.join(
        before.assignment.filter(pl.col("profile").is_in(gone)), on="cluster", how="semi"
    )
    counting = _counting(changed, known.pairs, groups)
    ends = [frame[side] for frame in (counting, lost.select(PAIR).collect(), *reviewed) for side in PAIR]
    at_once = _held_at_once(members, extended, groups)
    touched = _of_groups(groups, pl.concat([extended.fresh, extended.rebuilt, left_alone["profile"], at_once, *ends]))
    near = pairs.lazy().filter(pl.col("evidence") > REPORTED).select(PAIR).collect()
    beside = [near.filter(pl.col(a).is_in(touched.implode()))[b] for a, b in (PAIR, PAIR[::-1])]
    return _of_groups(groups, pl.concat([touched, *beside]))


def _counting(changed: pl.DataFrame, before: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """Pairs that weigh otherwise than before, or are new, if clusters depend on them.

    They do on the pairs within a group, and on those between two groups that come near enough to be reported.
    """
    of = [groups.rename({"profile": side, "component": f"{side}_group"}) for side in PAIR]
    known = before.join(changed, on=PAIR, how="semi").select(
        *PAIR, evidence_before="evidence", against_before="against"
    )
    both = changed.select(*PAIR, "evidence", "against").join(known, on=PAIR, how="left")
    same = (pl.col("evidence") == pl.col("evidence_before")) & (pl.col("against") == pl.col("against_before"))
    within = pl.col("left_group") == pl.col("right_group")
    near = pl.max_horizontal("evidence", "evidence_before") > REPORTED
    placed = both.filter(~same.fill_null(False)).join(of[0], on="left").join(of[1], on="right")
    return placed.filter(within | near).select(PAIR)


def _held_at_once(members: pl.DataFrame, extended: Extended, groups: pl.DataFrame) -> pl.Series:
    """Profiles with new dates of groups of which a source holds several at one date."""
    of_source = extended.profiles.profiles.select("profile", "source").join(groups, on="profile")
    several = of_source.filter(pl.len().over("component", "source") > 1)
    dates = members.select("profile", "as_of").filter(pl.col("profile").is_in(several["profile"].implode()))
    held = several.join(dates.drop_nulls("as_of").unique(), on="profile")
    at_once = held.filter(pl.len().over("component", "source", "as_of") > 1)["profile"].unique()
    return at_once.filter(at_once.is_in(_of_groups(groups, extended.dated).implode()))


def _of_groups(groups: pl.DataFrame, profiles: pl.Series) -> pl.Series:
    """All profiles of the groups that hold any of these."""
    held = groups.filter(pl.col("profile").is_in(profiles.implode()))
    return groups.filter(pl.col("component").is_in(held["component"].implode()))["profile"]


def _clustered_again(
    connection: Connection,
    before: Clusters,
    pairs: pl.DataFrame,
    members: pl.DataFrame,
    touched: pl.Series,
    gone: pl.Series,
    model: Model,
    decided: pl.DataFrame | None,
) -> Clusters:
    """Clusters of all profiles: those of `touched` found again, the others as they were before."""
    within, nowhere = touched.implode(), gone.implode()
    both = pl.col("left").is_in(within) & pl.col("right").is_in(within)
    now = clusters_on(
        connection,
        pairs.select(*PAIR, "evidence", "against", "gamma_birth_date", "same_number").filter(both),
        members.filter(pl.col("profile").is_in(within)),
        held_at_once=-model.held_at_once_weight,
        decisions=decided,
    )
    rest = before.assignment.filter(~pl.col("profile").is_in(nowhere) & ~pl.col("profile").is_in(within))
    standing = ~pl.col("left").is_in(nowhere) & ~pl.col("right").is_in(nowhere)
    offered = before.joinings.filter(standing & ~both)
    return Clusters(
        pl.concat([rest, now.assignment]).sort("profile"),
        pl.concat([before.confidence.filter(pl.col("cluster").is_in(rest["cluster"].implode())), now.confidence]).sort(
            "cluster"
        ),
        pl.concat([offered, now.joinings]).sort("left", "right"),
    )
