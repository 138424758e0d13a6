"""The report's plots of flags: lists, rules, the score, groups, kinds held out, columns left out, and costs."""

from collections.abc import Callable, Iterable, Sequence

import altair as alt
import polars as pl

from evaluation.audit import MEASURES, Audit
from evaluation.estimate import Estimate
from evaluation.flags import CapacityQuality, Part
from evaluation.harm import Harm
from evaluation.judgement import ListQuality
from evaluation.plots import FOURTH, INK, MAIN, SECOND, THIRD, WIDTH, Say, rate_rows, svg
from evaluation.rate import Rate
from evaluation.score_quality import YearReliability
from evaluation.sensitivity import ALL_COLUMNS, Sensitivity
from evaluation.supervised import HeldOutKind

COLOURS = (MAIN, SECOND, THIRD)
SHAPES = ("circle", "square", "triangle-up")
DASHES = ([1, 0], [6, 3], [2, 3], [8, 3, 2, 3])
PERCENT = alt.Axis(format="%", tickCount=5, labelFlush=True)

LEGEND = alt.Legend(title=None, symbolType="stroke", symbolSize=300)

Row = tuple[str, str, Rate | Estimate]
"""What a dot stands for, which series it belongs to, and its value with an interval."""


def dots(
    rows: Iterable[Row],
    series: Sequence[str],
    title: str,
    *,
    width: int = 420,
    labels: bool = True,
    at: float | None = None,
) -> alt.LayerChart:
    """Draw a dot with its interval for each row of a name and series, the first names on top; `at` is a dashed line."""
    table = rate_rows({"name": pl.String(), "series": pl.String()}, (((name, of), value) for name, of, value in rows))
    order = table["name"].unique(maintain_order=True).to_list()
    y = alt.Y("name:N", sort=order, title=None, axis=alt.Axis(labels=labels, labelLimit=260, ticks=False, domain=False))
    scale = alt.Scale(domain=list(series), range=list(COLOURS[: len(series)]))
    shape = alt.Scale(domain=list(series), range=list(SHAPES[: len(series)]))
    legend = None if len(series) == 1 else alt.Legend(title=None)
    base = alt.Chart(table).encode(y=y, color=alt.Color("series:N", scale=scale, legend=legend))
    if len(series) > 1:
        base = base.encode(yOffset=alt.YOffset("series:N", sort=list(series)))
    x = alt.X("low:Q", title=title, scale=alt.Scale(zero=False), axis=PERCENT)
    lines = base.mark_rule(strokeWidth=2).encode(x=x, x2="high:Q")
    points = base.mark_point(filled=True, size=60, opacity=1).encode(
        x="value:Q", shape=alt.Shape("series:N", scale=shape, legend=legend)
    )
    layers = lines + points
    if at is not None:
        layers += (
            alt.Chart(pl.DataFrame({"value": [at]})).mark_rule(color=FOURTH, strokeDash=[4, 4]).encode(x="value:Q")
        )
    return layers.properties(width=width, height=alt.Step(14 if len(series) > 1 else 24))


def capacities_plot(
    capacities: Sequence[CapacityQuality], measure: str, rules: Sequence[str], named: Say, say: Say
) -> str:
    """Draw `measure` (precision or recall) of some rules over the size of the list, with its interval."""
    rows = rate_rows(
        {"capacity": pl.Float64(), "rule": pl.String()},
        (
            ((capacity.capacity, named(rule.rule)), getattr(rule, measure))
            for capacity in capacities
            for rule in capacity.rules
            if rule.rule in rules
        ),
    )
    x = alt.X(
        "capacity:Q",
        scale=alt.Scale(type="log", nice=False, padding=20),
        title=say("plot_capacity"),
        axis=alt.Axis(format=".1%", values=[each.capacity for each in capacities]),
    )
    return svg(_lines(rows, x, "rule", [named(rule) for rule in rules], say(measure), 300, PERCENT))


def _lines(
    rows: pl.DataFrame, x: alt.X, of: str, order: Sequence[str], title: str, width: int, axis: alt.Axis
) -> alt.LayerChart:
    """Draw lines with points and intervals, told apart by colour and by dashes."""
    colours = [MAIN, SECOND, THIRD, FOURTH][: len(order)]
    colour = alt.Color(f"{of}:N", scale=alt.Scale(domain=list(order), range=colours), legend=LEGEND)
    dash = alt.Scale(domain=list(order), range=list(DASHES[: len(order)]))
    base = alt.Chart(rows).encode(x=x, color=colour)
    lines = base.mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=40)).encode(
        y=alt.Y("value:Q", title=title, axis=axis),
        strokeDash=alt.StrokeDash(f"{of}:N", scale=dash, legend=LEGEND),
    )
    return (lines + base.mark_rule(opacity=0.6).encode(y="low:Q", y2="high:Q")).properties(width=width, height=220)


def rules_plot(rules: Sequence[ListQuality], named: Say, say: Say) -> str:
    """Draw precision and recall of every rule, side by side."""
    panels = [
        dots(
            ((named(rule.rule), "", getattr(rule, measure)) for rule in rules),
            [""],
            say(measure),
            width=280,
            labels=measure == "precision",
        )
        for measure in ("precision", "recall")
    ]
    return svg(alt.hconcat(*panels, spacing=24))


def years_plot(capacity: CapacityQuality, say: Say) -> str:
    """Draw the flags' precision and recall year by year, with their intervals."""
    rows = rate_rows(
        {"year": pl.String(), "measure": pl.String()},
        (
            ((part.name, say(measure)), rate)
            for part in capacity.by_year
            for measure, rate in (("precision", part.precision), ("recall", part.recall))
            if rate is not None
        ),
    )
    x = alt.X("year:O", title=say("year"), axis=alt.Axis(labelAngle=0, labelOverlap=True))
    return svg(_lines(rows, x, "measure", [say("precision"), say("recall")], "", WIDTH, PERCENT))


def drift_plot(years: Sequence[YearReliability], say: Say) -> str:
    """Draw what each year's list stated on average beside what came true."""
    cases: list[tuple[tuple[object, ...], Rate | Estimate]] = []
    for year in years:
        cases.append(((str(year.year), say("observed")), year.observed))
        cases.append(((str(year.year), say("stated")), Estimate(value=year.stated)))
    rows = rate_rows({"year": pl.String(), "what": pl.String()}, cases)
    x = alt.X("year:O", title=say("year"), axis=alt.Axis(labelAngle=0, labelOverlap=True))
    return svg(_lines(rows, x, "what", [say("observed"), say("stated")], "", WIDTH, PERCENT))


def strength_plot(parts: Sequence[Part], say: Say) -> str:
    """Draw the recall of each quarter of the onsets by strength."""
    rows: list[Row] = [(part.name, "", part.recall) for part in parts if part.recall is not None]
    return svg(dots(rows, [""], say("recall")))


def audit_plot(audit: Audit, named: Say, say: Say) -> str:
    """Draw the three measures of every group, with intervals, side by side."""
    panels = [
        dots(
            ((named(group.group), "", getattr(group, measure)) for group in audit.groups),
            [""],
            say(measure),
            width=190,
            labels=measure == MEASURES[0],
        )
        for measure in MEASURES
    ]
    return svg(alt.hconcat(*panels, spacing=20))


def kinds_plot(kinds: Sequence[HeldOutKind], named: Say, say: Say) -> str:
    """Draw the recall of each kind of onset by the flags and by the model that has met the kind or has not."""
    rows: list[Row] = [
        (named(kind.kind), say(f"held_{name}"), rate)
        for kind in kinds
        for name in ("flags", "seen", "unseen")
        if (rate := getattr(kind, name)) is not None
    ]
    return svg(dots(rows, [say(f"held_{name}") for name in ("flags", "seen", "unseen")], say("recall")))


def sources_plot(found: Sensitivity, named: Callable[[str, str], str], say: Say) -> str:
    """Draw what precision and recall lose without each column that is read, 0 as a dashed line."""
    rows: list[Row] = [
        (named(each.source, each.column), say(measure), getattr(each, measure))
        for each in found.dropped
        if not each.unread and each.column != ALL_COLUMNS
        for measure in ("precision", "recall")
    ]
    return svg(dots(rows, [say("precision"), say("recall")], say("plot_lost"), at=0.0))


def costs_plot(found: Harm, named: Say, say: Say) -> str:
    """Draw the net benefit of the flags, of the plain threshold and of looking at everyone over the ratio of harms."""
    shown = ("flags", "threshold", "level", "everyone")
    rows = rate_rows(
        {"ratio": pl.Float64(), "rule": pl.String()},
        (((benefit.ratio, named(benefit.rule)), benefit.net) for benefit in found.benefits if benefit.rule in shown),
    )
    low, high = -20.0, 1.2 * max((benefit.net.high or 0.0) for benefit in found.benefits if benefit.rule == "flags")
    kept = rows.filter(pl.col("value") >= low).with_columns(pl.col("low").clip(low), pl.col("high").clip(low, high))
    x = alt.X("ratio:Q", scale=alt.Scale(type="log", nice=False), title=say("plot_ratio"), axis=alt.Axis(format="~g"))
    chart = _lines(
        kept.filter(pl.col("value") <= high),
        x,
        "rule",
        [named(rule) for rule in shown],
        say("plot_net"),
        WIDTH,
        alt.Axis(),
    )
    nothing = alt.Chart(pl.DataFrame({"value": [0.0]})).mark_rule(color=INK, strokeDash=[2, 2]).encode(y="value:Q")
    return svg(alt.layer(chart, nothing).properties(width=WIDTH, height=220))
