"""The lists that are judged: a run's flags, and the plain rules beside them on the same years, children and list sizes.

A person stands for the child most of its records belong to. Years in which no change is known (the first of a
delivery) are left out of lists and onsets alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from evaluation.clusters import child_sizes, contingency, majority
from evaluation.judgement import Scene, scene
from evaluation.panel import Panel, panel
from evaluation.peers import isolation, own_average, reliable_change, summed_change
from evaluation.rankings import by_flags, by_level, by_raw_difference, by_score
from vocabulary.fiscal import fiscal_year_of
from vocabulary.frames import KEY

Listed = dict[str, pl.DataFrame]
"""By rule, the children it lists: `child, year, place`; of the flags `kind` and `already_supported` too."""


@dataclass(frozen=True)
class Lists:
    """What is judged, and the order in which each rule would look at the children of a year.

    cells
        Records that each person and child have in common (`evaluation.clusters.contingency`).
    child_of
        `person_id, child`: the child a person stands for.
    known_years
        Years in which any indicator has a value; those of `judged` also have a change.
    seen
        `year, children`: how many children some department recorded in a judged year, of which a list is a share.
    rankings
        By rule, `child, year, place`; `flags` first.
    """

    judged: Scene
    cells: pl.DataFrame
    child_of: pl.DataFrame
    known_years: tuple[int, ...]
    seen: pl.DataFrame
    panel: Panel
    rankings: Mapping[str, pl.DataFrame]

    @property
    def years(self) -> tuple[int, ...]:
        """The judged years."""
        return tuple(sorted(self.judged.present["year"].unique()))

    def at(self, capacity: float) -> Listed:
        """Cut the flags to a share of each year's children, every other ranking to as many as the flags then list."""
        return cut(self.rankings, self.seen, capacity)


def cut(rankings: Mapping[str, pl.DataFrame], seen: pl.DataFrame, capacity: float) -> Listed:
    """As `Lists.at`, of these rankings."""
    slots = seen.select("year", slots=(pl.col("children") * capacity).ceil())
    listed = rankings["flags"].join(slots, on="year").filter(pl.col("place") <= pl.col("slots")).drop("slots")
    return {"flags": listed} | {rule: as_many(rankings[rule], listed) for rule in rankings if rule != "flags"}


def as_many(ranking: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """The first of a ranking, as many in each year as `listed` has."""
    sizes = listed.group_by("year").agg(size=pl.len())
    return ranking.join(sizes, on="year").filter(pl.col("place") <= pl.col("size")).drop("size")


def lists(
    *,
    flags: pl.DataFrame,
    indicators: pl.DataFrame,
    links: pl.DataFrame,
    truth: Mapping[str, pl.DataFrame],
    timeline: pl.DataFrame | None = None,
) -> Lists | None:
    """Prepare what is judged; None where no year of the indicators has a change, so that nothing could be flagged.

    Parameters
    ----------
    flags, indicators, links
        FLAGS, INDICATORS and LINKS of the run.
    truth
        TRUTH_RECORDS and TRUTH_SHOCKS as `records` and `shocks`; `strength` of the shocks may be there.
    timeline
        TIMELINE, whose persons of a year a list is a share of, as in the run; without it, of the children judged.
    """
    matched = links.join(truth["records"], on=[*KEY])
    cells = contingency(matched, child_sizes(matched))
    child_of = majority(cells)
    known = indicators.filter(pl.col("value").is_not_null()).join(child_of, on="person_id")
    years = sorted(known.filter(pl.col("change").is_not_null())["year"].unique())
    if not years:
        return None
    rows = known.filter(pl.col("year").is_in(years))
    judged = scene(_present(rows, truth["records"]), truth["shocks"])
    own = of_judged(flags, child_of, judged)
    laid = panel(known)
    return Lists(
        judged=judged,
        cells=cells,
        child_of=child_of,
        known_years=tuple(sorted(known["year"].unique())),
        seen=judged.per_year.select("year", "children") if timeline is None else _seen(timeline, years),
        panel=laid,
        rankings={
            "flags": by_flags(own),
            "threshold": by_raw_difference(rows),
            "summed_change": _judged(by_score(laid.rows, summed_change(laid)), judged),
            "reliable_change": _judged(by_score(laid.rows, reliable_change(laid)), judged),
            "own_average": _judged(by_score(laid.rows, own_average(laid)), judged),
            "isolation": _judged(by_score(laid.rows, isolation(laid)), judged),
            "level": by_level(rows),
        },
    )


def of_judged(flags: pl.DataFrame, child_of: pl.DataFrame, judged: Scene) -> pl.DataFrame:
    """Flags of judged children and years, with `child`."""
    return flags.join(child_of, on="person_id").join(judged.present, on=["child", "year"], how="semi")


def _seen(timeline: pl.DataFrame, years: list[int]) -> pl.DataFrame:
    persons = timeline.lazy().select("person_id", year=fiscal_year_of(pl.col("date"))).unique()
    return persons.filter(pl.col("year").is_in(years)).group_by("year").agg(children=pl.len()).collect()


def _judged(ranking: pl.DataFrame, judged: Scene) -> pl.DataFrame:
    return ranking.join(judged.per_year, on="year", how="semi")


def _present(judged_rows: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Children of each judged year: those with an indicator, and those with a record that linkage gave to another.

    So an onset that is missed because its child was lost in linkage is missed, not left out.
    """
    delivered = records.select("child", year=fiscal_year_of(pl.col("as_of")))
    years = judged_rows.select("year").unique()
    return pl.concat([judged_rows.select("child", "year"), delivered.join(years, on="year", how="semi")]).unique()
