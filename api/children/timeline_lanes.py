"""A child's years in lanes: livelihood, school, learning, health, contacts and support, each year by its indicators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, Self

import polars as pl

from indicators.rules import Domain, Indicator, Rules
from indicators.sentences import said
from vocabulary.fiscal import fiscal_year, fiscal_year_of
from vocabulary.texts import Language, text

Lane = Literal["livelihood", "school", "learning", "health", "contacts", "support"]
LANES: tuple[Lane, ...] = ("livelihood", "school", "learning", "health", "contacts", "support")

OF_DOMAIN: Mapping[Domain, Lane] = {
    "livelihood": "livelihood",
    "attendance": "school",
    "learning": "learning",
    "non_cognitive": "learning",
    "health": "health",
}

OF_ITEM: Mapping[str, Lane] = {
    "welfare.consultation_count": "contacts",
    "welfare.consultation_topics": "contacts",
    "school.nurse_room_visits": "contacts",
    "welfare.public_assistance": "support",
    "welfare.child_rearing_allowance": "support",
    "welfare.school_expense_aid": "support",
}
"""Items whose indicators stand in another lane than that of their domain."""

ADULT = 18
"""The last age that a timeline shows."""


@dataclass(frozen=True)
class Noted:
    """One indicator of a year, as people say it."""

    title: str
    value: str
    level: int


@dataclass(frozen=True)
class LaneYear:
    """A lane in one year: the strongest level and its indicators, or None where nothing of it is recorded."""

    level: int
    noted: tuple[Noted, ...]


@dataclass(frozen=True)
class Lanes:
    """What a timeline shows: its years, the lanes in them, the school of each year, and the ranks on the list."""

    years: tuple[int, ...]
    recorded: frozenset[int]  # years with any observation
    ages: Mapping[int, int]  # at the end of a year; empty where the birth date is not known
    cells: Mapping[tuple[Lane, int], LaneYear]
    schools: Mapping[int, str]
    ranks: Mapping[int, int | None]  # None: held for a review of the link

    def moved(self) -> tuple[int, ...]:
        """Years in which another school is recorded than the one recorded last."""
        known = sorted(self.schools)
        return tuple(now for before, now in pairwise(known) if self.schools[before] != self.schools[now])

    def stretches(self) -> tuple[tuple[int, int, str], ...]:
        """Years on end in which one school is recorded: the first, the last, the school."""
        found: list[tuple[int, int, str]] = []
        for year in sorted(self.schools):
            begin, end, code = found[-1] if found else (year, year, "")
            if found and code == self.schools[year] and end == year - 1:
                found[-1] = (begin, year, code)
            else:
                found.append((year, year, self.schools[year]))
        return tuple(found)

    def on_record(self) -> Self:
        """The same without the years before and after all that is recorded."""
        if not self.recorded:
            return self
        return replace(self, years=tuple(range(min(self.recorded), max(self.recorded) + 1)))


def lane_of(rule: Indicator) -> Lane:
    """The lane in which an indicator stands."""
    return OF_ITEM.get(rule.items[0], OF_DOMAIN[rule.domain])


def lanes_of(
    *,
    birth_year: int | None,
    timeline: pl.DataFrame,
    indicators: pl.DataFrame,
    flags: pl.DataFrame,
    rules: Rules,
    language: Language,
) -> Lanes:
    """The lanes of one child.

    Parameters
    ----------
    birth_year
        Fiscal year in which the child was born; None where it is not known.
    timeline, indicators, flags
        As of `api.children.published.Child`.
    rules
        Those the indicators were computed by.
    language
        Of the words.
    """
    observed = timeline.select(fiscal_year_of(pl.col("date")).unique().sort()).to_series().to_list()
    cells: dict[tuple[Lane, int], list[Noted]] = {}
    for year, name, value, level in indicators.select("year", "indicator", "value", "level").iter_rows():
        rule = rules.indicators.get(name)
        if rule is not None and value is not None and (level or rule.form != "stopped"):  # records go on: no news
            noted = Noted(getattr(rule.title, language), said(value, rule, language), level or 0)
            cells.setdefault((lane_of(rule), year), []).append(noted)
    codes = timeline.filter(pl.col("item") == "school_code").sort("date")
    schools = {fiscal_year(day): str(code) for day, code in codes.select("date", "value").iter_rows()}
    years = _years(birth_year, observed)
    return Lanes(
        years=years,
        recorded=frozenset(observed),
        ages={} if birth_year is None else {year: year - birth_year for year in years},
        cells={at: LaneYear(max(one.level for one in noted), tuple(noted)) for at, noted in cells.items()},
        schools=schools,
        ranks=dict(flags.select("year", "rank").iter_rows()),
    )


def _years(birth_year: int | None, observed: Sequence[int]) -> tuple[int, ...]:
    """From birth to `ADULT`, and whatever is recorded outside of that."""
    first = [birth_year] if birth_year is not None else []
    last = [birth_year + ADULT] if birth_year is not None else []
    if not [*first, *observed]:
        return ()
    return tuple(range(min([*first, *observed]), max([*last, *observed]) + 1))


def words(cell: LaneYear, language: Language) -> str:
    """What is recorded in a lane and year, in one line."""
    separator = text("reason.separator", language=language)
    return separator.join(f"{one.title} {one.value}" for one in cell.noted)
