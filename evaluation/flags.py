"""How good a run's flags are against the onsets of a truth, beside a plain threshold, the level alone, and chance.

A flag of a child in year y is a hit where the truth has an onset of that child in y or y − 1. All rules are judged on
the same years, children and list sizes. Years in which no change is known (the first of a delivery) are left out of
flags and onsets alike.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from evaluation.clusters import child_sizes, contingency, majority
from evaluation.judgement import ListQuality, Scene, chance, delays, hits, judge, scene
from evaluation.rankings import by_flags, by_level, by_raw_difference
from evaluation.rate import Figures, Rate
from vocabulary.fiscal import fiscal_year_of
from vocabulary.frames import KEY

CAPACITIES = (0.01, 0.02, 0.05)
"""Shares of a year's children that a team could look at."""


class Part(Figures):
    """The flags of one kind or year, and the onsets of one kind or year; null where a kind is only one of the two."""

    name: str
    precision: Rate | None = None
    recall: Rate | None = None


class CapacityQuality(Figures):
    """All rules at one capacity, `flags` first, and the flags' figures by part."""

    capacity: float
    rules: tuple[ListQuality, ...]
    by_flag_kind: tuple[Part, ...]
    by_onset_kind: tuple[Part, ...]
    by_year: tuple[Part, ...]


class FlagQuality(Figures):
    """What was judged, what could not be, and the figures at each capacity."""

    years: tuple[int, ...]
    years_without_history: tuple[int, ...]
    child_years: int
    onsets: int
    onsets_outside: int
    flags: int
    flags_outside: int
    persons_without_truth: int
    capacities: tuple[CapacityQuality, ...]


def flag_quality(
    *,
    flags: pl.DataFrame,
    indicators: pl.DataFrame,
    links: pl.DataFrame,
    truth: Mapping[str, pl.DataFrame],
    capacities: Sequence[float] = CAPACITIES,
) -> FlagQuality | None:
    """Judge the flags of a run; None where no year of the indicators has a change, so that nothing could be flagged.

    Parameters
    ----------
    flags, indicators, links
        FLAGS, INDICATORS and LINKS of the run. A person stands for the child most of its records belong to.
    truth
        TRUTH_RECORDS and TRUTH_SHOCKS as `records` and `shocks`.
    capacities
        List sizes as shares of the children of each year (0–1).
    """
    child_of = _children(links, truth["records"])
    known = indicators.filter(pl.col("value").is_not_null()).join(child_of, on="person_id")
    years = sorted(known.filter(pl.col("change").is_not_null())["year"].unique())
    if not years:
        return None
    judged_rows = known.filter(pl.col("year").is_in(years))
    judged = scene(_present(judged_rows, truth["records"]), truth["shocks"])
    own = flags.join(child_of, on="person_id").join(judged.present, on=["child", "year"], how="semi")
    rankings = {
        "flags": by_flags(own),
        "threshold": by_raw_difference(judged_rows),
        "level": by_level(judged_rows),
    }
    return FlagQuality(
        years=tuple(years),
        years_without_history=tuple(sorted(set(known["year"].unique()) - set(years))),
        child_years=judged.present.height,
        onsets=judged.onsets.height,
        onsets_outside=truth["shocks"].n_unique() - judged.onsets.height,
        flags=own.height,
        flags_outside=flags.height - own.height,
        persons_without_truth=indicators.select("person_id").unique().join(child_of, on="person_id", how="anti").height,
        capacities=tuple(_at_capacity(capacity, rankings, judged) for capacity in capacities),
    )


def _children(links: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    matched = links.join(records, on=[*KEY])
    return majority(contingency(matched, child_sizes(matched)))


def _present(judged_rows: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Children of each judged year: those with an indicator, and those with a record that linkage gave to another.

    So an onset that is missed because its child was lost in linkage is missed, not left out.
    """
    delivered = records.select("child", year=fiscal_year_of(pl.col("as_of")))
    years = judged_rows.select("year").unique()
    return pl.concat([judged_rows.select("child", "year"), delivered.join(years, on="year", how="semi")]).unique()


def _at_capacity(capacity: float, rankings: Mapping[str, pl.DataFrame], judged: Scene) -> CapacityQuality:
    """Cut the flags to the capacity, and every other ranking to as many children as the flags then list."""
    slots = judged.per_year.select("year", slots=(pl.col("children") * capacity).ceil())
    listed = rankings["flags"].join(slots, on="year").filter(pl.col("place") <= pl.col("slots"))
    sizes = listed.group_by("year").agg(listed=pl.len())
    others = {
        rule: ranking.join(sizes, on="year").filter(pl.col("place") <= pl.col("listed"))
        for rule, ranking in rankings.items()
        if rule != "flags"
    }
    marked, since = hits(listed, judged), delays(listed, judged)
    return CapacityQuality(
        capacity=capacity,
        rules=(
            judge("flags", listed, judged),
            *(judge(rule, chosen, judged) for rule, chosen in others.items()),
            chance(sizes, judged),
        ),
        by_flag_kind=_parts(marked.select("hit", name="kind"), None),
        by_onset_kind=_parts(None, since.select("found", name="kind")),
        by_year=_parts(marked.select("hit", name="year"), since.select("found", name="onset_year")),
    )


def _parts(flagged: pl.DataFrame | None, onsets: pl.DataFrame | None) -> tuple[Part, ...]:
    """Rates by `name`: of `hit` among the flagged, of `found` among the onsets."""
    precision = {} if flagged is None else _rates(flagged, "hit")
    recall = {} if onsets is None else _rates(onsets, "found")
    names = sorted({*precision, *recall})
    return tuple(Part(name=name, precision=precision.get(name), recall=recall.get(name)) for name in names)


def _rates(rows: pl.DataFrame, mark: str) -> dict[str, Rate]:
    counted = rows.group_by(pl.col("name").cast(pl.String)).agg(hits=pl.col(mark).sum(), of=pl.len())
    return {name: Rate.counted(right, of) for name, right, of in counted.iter_rows()}
