"""What a child's page tells: years in lanes, indicators, judgements, flags, how sure the link, how fresh the records.

Everything is pseudonymous and in the words of one language; pages, PDF and JSON are made of it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from markupsafe import Markup

from api.children.child_charts import Point, Series, chart, extremes
from api.children.list_rows import LAST_GRADE
from api.children.published import Child, Published
from api.children.published_rules import RunRules
from api.children.timeline_lanes import Lanes, lanes_of
from api.children.timeline_svg import narrow_timeline_svg, timeline_svg
from indicators.judgement_basis import in_words
from indicators.judgement_rules import SCOPES, Scope
from indicators.sentences import said
from vocabulary.fiscal import fiscal_year, grade_of
from vocabulary.source import Measurement
from vocabulary.texts import Language


@dataclass(frozen=True)
class Judged:
    """One judgement, its word, and what it rests on in sentences."""

    year: int
    scope: Scope
    title: str
    judgement: int
    word: str
    basis: tuple[str, ...]


@dataclass(frozen=True)
class SourceSeen:
    """A source: when it last recorded the child, and when anybody; how many reference dates of the child it has."""

    source: str
    title: str
    records: int
    last: date
    whole: date

    @property
    def is_behind(self) -> bool:
        """Whether the source has later records, but none of this child."""
        return self.last < self.whole


@dataclass(frozen=True)
class Observed:
    """An item over the years: by fiscal year, the values as they were recorded."""

    source: str
    title: str
    values: Mapping[int, str]


@dataclass(frozen=True)
class ChildView:
    """A child's page, without its frame."""

    person_id: str
    year: int  # of the latest records
    age: int | None  # at the end of that year
    grade: int | None
    school: str | None
    link_confidence: float
    lanes: Lanes
    picture: Markup
    narrow_picture: Markup
    series: tuple[Series, ...]
    charts: Mapping[str, Markup]
    judged: tuple[Judged, ...]
    flags: tuple[dict[str, Any], ...]
    seen: tuple[SourceSeen, ...]
    observed: tuple[Observed, ...]
    usual: Mapping[str, str]  # by indicator, the child's usual range of its latest year
    scope_titles: Mapping[Scope, str]

    @property
    def judged_years(self) -> list[int]:
        """Years of which anything is judged, the latest first."""
        return sorted({one.year for one in self.judged}, reverse=True)

    def strongest_in(self, year: int) -> int:
        """The strongest judgement of a year."""
        return max(one.judgement for one in self.judged if one.year == year)

    def judged_in(self, year: int) -> dict[Scope, Judged]:
        """The judgements of a year, overall last."""
        return {one.scope: one for one in self.judged if one.year == year}


def child_view(published: Published, child: Child, language: Language) -> ChildView:
    """Tell of a child in one language."""
    rules = published.rules
    birth_year = None if child.birth_date is None else fiscal_year(child.birth_date)
    lanes = lanes_of(
        birth_year=birth_year,
        timeline=child.timeline,
        indicators=child.indicators,
        flags=child.flags,
        rules=rules.indicators,
        language=language,
    )
    year = max(lanes.recorded, default=published.year)
    series = _series(child.indicators, rules, language)
    span = range(min((one.points[0].year for one in series), default=year), year + 1)
    return ChildView(
        person_id=child.person_id,
        year=year,
        age=lanes.ages.get(year),
        grade=_grade(child.birth_date, year),
        school=child.school,
        link_confidence=child.link_confidence,
        lanes=lanes,
        picture=timeline_svg(lanes, language),
        narrow_picture=narrow_timeline_svg(lanes, language),
        series=series,
        charts={one.name: _chart(one, span, rules, language) for one in series if one.is_drawn},
        judged=_judged(child.judgements, rules, language),
        flags=_flags(child.flags, language),
        seen=_seen(child.timeline, published, language),
        observed=_observed(child.timeline, rules, language),
        usual={one.name: _usual(one, rules, language) for one in series},
        scope_titles={scope: getattr(rules.judgements.titles[scope], language) for scope in SCOPES},
    )


def _grade(birth_date: date | None, year: int) -> int | None:
    if birth_date is None:
        return None
    grade = pl.select(grade_of(pl.lit(birth_date), pl.lit(year))).item()
    return int(grade) if grade <= LAST_GRADE else None


def _series(indicators: pl.DataFrame, rules: RunRules, language: Language) -> tuple[Series, ...]:
    """Every indicator that is known in some year, in the order of the rules."""
    points: dict[str, list[Point]] = {}
    columns = ["year", "value", "level", "usual_low", "usual_high", "expected", "percentile"]
    for name, year, value, level, *rest in indicators.select("indicator", *columns).sort("year").iter_rows():
        rule = rules.indicators.indicators.get(name)
        if rule is not None and value is not None:
            points.setdefault(name, []).append(Point(year, value, said(value, rule, language), level or 0, *rest))
    return tuple(
        Series(name, getattr(rule.title, language), rule.domain, tuple(points[name]))
        for name, rule in rules.indicators.indicators.items()
        if name in points
    )


def _chart(series: Series, years: range, rules: RunRules, language: Language) -> Markup:
    rule = rules.indicators.indicators[series.name]
    low, high = (said(value, rule, language) for value in extremes(series))
    return chart(series, years, language, low=low, high=high)


def _usual(series: Series, rules: RunRules, language: Language) -> str:
    low, high = series.last.usual_low, series.last.usual_high
    if low is None or high is None:
        return "—"
    rule = rules.indicators.indicators[series.name]
    return f"{said(low, rule, language)} – {said(high, rule, language)}"


def _judged(judgements: pl.DataFrame, rules: RunRules, language: Language) -> tuple[Judged, ...]:
    stated = rules.judgements
    by_scope = {(scope, year): (step, basis) for year, scope, step, basis in _rows(judgements)}
    return tuple(
        Judged(
            year=year,
            scope=scope,
            title=getattr(stated.titles[scope], language),
            judgement=by_scope[scope, year][0],
            word=getattr(stated.word(scope, by_scope[scope, year][0]), language),
            basis=tuple(in_words(by_scope[scope, year][1], scope, rules.indicators, stated, language)),
        )
        for year in sorted({year for _, year in by_scope}, reverse=True)
        for scope in SCOPES
        if (scope, year) in by_scope
    )


def _rows(judgements: pl.DataFrame) -> list[tuple[int, Scope, int, str]]:
    return judgements.select("year", "domain", "judgement", "basis").rows()


def _flags(flags: pl.DataFrame, language: Language) -> tuple[dict[str, Any], ...]:
    """The flags, the latest first, their reasons as sentences."""
    rows = flags.with_columns(pl.col("kind").cast(pl.String)).sort("year", descending=True).to_dicts()
    return tuple(row | {"reasons": [one[language] for one in json.loads(row["reasons"])]} for row in rows)


def _seen(timeline: pl.DataFrame, published: Published, language: Language) -> tuple[SourceSeen, ...]:
    counted = timeline.group_by(pl.col("source").cast(pl.String)).agg(
        pl.col("date").n_unique().alias("records"), pl.col("date").max().alias("last")
    )
    titles = published.rules.sources
    return tuple(
        SourceSeen(
            name, getattr(titles[name].title, language) if name in titles else name, records, last, published.last[name]
        )
        for name, records, last in counted.sort("source").iter_rows()
    )


def _observed(timeline: pl.DataFrame, rules: RunRules, language: Language) -> tuple[Observed, ...]:
    """Every item with its values by fiscal year, several of one year in their order."""
    found: dict[tuple[str, str], dict[int, list[str]]] = {}
    for day, source, item, value in timeline.sort("source", "item", "date").iter_rows():
        found.setdefault((source, item), {}).setdefault(fiscal_year(day), []).append(value)
    return tuple(
        Observed(source, _item_title(rules, source, item, language), {at: " / ".join(held) for at, held in by.items()})
        for (source, item), by in found.items()
    )


def _item_title(rules: RunRules, source: str, item: str, language: Language) -> str:
    """What a column is called: in Japanese by the header of the department's files, where the specification has one."""
    stated = rules.sources[source].measurements.get(item) if source in rules.sources else None
    spelled = item.replace("_", " ")
    return _header(stated, item) or spelled if language == "ja" else spelled


def _header(stated: Measurement | None, item: str) -> str | None:
    return next((header for header in stated.header if header != item), None) if stated else None
