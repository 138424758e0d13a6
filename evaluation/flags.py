"""How good a run's flags are against the onsets of a truth, beside plain and published rules and chance.

A flag of a child in year y is a hit where the truth has an onset of that child in y or y − 1. All rules are judged on
the same years, children and list sizes (`evaluation.lists`).
"""

from collections.abc import Mapping, Sequence

import polars as pl

from evaluation.comparison import precision_differences
from evaluation.judgement import ONSET, ListQuality, chance, delays, hits, judge, share
from evaluation.lists import Lists, lists, of_judged
from evaluation.rate import Figures, Rate

CAPACITIES = (0.01, 0.02, 0.05)
"""Shares of a year's children that a team could look at."""

MAIN_CAPACITY = 0.02
"""The capacity of all that is told at one capacity only, where the run's own is not a share of the children."""

QUARTERS = 4
"""Parts of the onsets by strength."""


class Part(Figures):
    """The flags of one kind or year, and the onsets of one kind or year; null where a kind is only one of the two."""

    name: str
    precision: Rate | None = None
    recall: Rate | None = None


class CapacityQuality(Figures):
    """All rules at one capacity, `flags` first, and the flags' figures by part.

    `by_strength` is named by the weakest and strongest of each quarter of the onsets, and is empty where the truth
    tells of no strength.
    """

    capacity: float
    rules: tuple[ListQuality, ...]
    by_flag_kind: tuple[Part, ...]
    by_onset_kind: tuple[Part, ...]
    by_year: tuple[Part, ...]
    by_strength: tuple[Part, ...] = ()

    def rule(self, name: str) -> ListQuality:
        """The figures of one rule."""
        return next(each for each in self.rules if each.rule == name)


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
    main_capacity: float = MAIN_CAPACITY

    @property
    def main(self) -> CapacityQuality:
        """The figures at the main capacity, or the nearest to it that was evaluated."""
        return min(self.capacities, key=lambda quality: abs(quality.capacity - self.main_capacity))


def flag_quality(
    *,
    flags: pl.DataFrame,
    indicators: pl.DataFrame,
    links: pl.DataFrame,
    truth: Mapping[str, pl.DataFrame],
    capacities: Sequence[float] = CAPACITIES,
) -> FlagQuality | None:
    """Judge flags; None where no year of the indicators has a change, so that nothing could be flagged.

    Parameters
    ----------
    flags, indicators, links, truth
        As `evaluation.lists.lists` takes them.
    capacities
        List sizes as shares of the children of each year (0–1).
    """
    prepared = lists(flags=flags, indicators=indicators, links=links, truth=truth)
    return None if prepared is None else judge_flags(prepared, flags, indicators, truth["shocks"], capacities)


def judge_flags(
    prepared: Lists,
    flags: pl.DataFrame,
    indicators: pl.DataFrame,
    shocks: pl.DataFrame,
    capacities: Sequence[float],
    main_capacity: float = MAIN_CAPACITY,
) -> FlagQuality:
    """As `flag_quality`, of lists already prepared from these flags, indicators and TRUTH_SHOCKS."""
    judged, persons = prepared.judged, indicators.select("person_id").unique()
    own = of_judged(flags, prepared.child_of, judged)
    return FlagQuality(
        years=prepared.years,
        years_without_history=tuple(year for year in prepared.known_years if year not in prepared.years),
        child_years=judged.present.height,
        onsets=judged.onsets.height,
        onsets_outside=shocks.n_unique(ONSET) - judged.onsets.height,
        flags=own.height,
        flags_outside=flags.height - own.height,
        persons_without_truth=persons.join(prepared.child_of, on="person_id", how="anti").height,
        capacities=tuple(_at_capacity(capacity, prepared) for capacity in capacities),
        main_capacity=main_capacity,
    )


def _at_capacity(capacity: float, prepared: Lists) -> CapacityQuality:
    judged, listed = prepared.judged, prepared.at(capacity)
    marked, since = hits(listed["flags"], judged), delays(listed["flags"], judged)
    sizes = listed["flags"].group_by("year").agg(listed=pl.len())
    others = {rule: chosen for rule, chosen in listed.items() if rule != "flags"}
    behind = precision_differences(listed["flags"], others, judged)
    rules = [
        judge(rule, chosen, judged).model_copy(update={"behind": behind.get(rule)}) for rule, chosen in listed.items()
    ]
    return CapacityQuality(
        capacity=capacity,
        rules=(*rules, chance(sizes, judged)),
        by_flag_kind=_parts(marked.select("child", "hit", name="kind"), None),
        by_onset_kind=_parts(None, since.select("child", "found", name="kind")),
        by_year=_parts(marked.select("child", "hit", name="year"), since.select("child", "found", name="onset_year")),
        by_strength=_by_strength(since),
    )


def _by_strength(since: pl.DataFrame) -> tuple[Part, ...]:
    """Recall of each quarter of the onsets, the weakest first."""
    if "strength" not in since.columns or since["strength"].drop_nulls().is_empty():
        return ()
    told = since.drop_nulls("strength")
    quarter = (pl.col("strength").rank("min") - 1) * QUARTERS // pl.len()
    found: list[tuple[float, Part]] = []
    for _, rows in told.group_by(quarter):
        weakest, strongest = rows.select(pl.col("strength").min(), pl.col("strength").max().alias("most")).row(0)
        found.append((weakest, Part(name=f"{weakest:.2f}–{strongest:.2f}", recall=share(rows, pl.col("found")))))
    return tuple(part for _, part in sorted(found, key=lambda pair: pair[0]))


def _parts(flagged: pl.DataFrame | None, onsets: pl.DataFrame | None) -> tuple[Part, ...]:
    """Rates by `name`: of `hit` among the flagged, of `found` among the onsets."""
    precision = {} if flagged is None else _rates(flagged, "hit")
    recall = {} if onsets is None else _rates(onsets, "found")
    names = sorted({*precision, *recall})
    return tuple(Part(name=name, precision=precision.get(name), recall=recall.get(name)) for name in names)


def _rates(rows: pl.DataFrame, mark: str) -> dict[str, Rate]:
    return {str(name): share(part, pl.col(mark)) for (name,), part in rows.group_by(["name"])}
