"""The report's plots of links as inline SVG, drawn without a browser or a script, and what all plots share.

Colours are the light theme's; the report's style sheet replaces each by its counterpart in the dark theme. What a
plot shows also stands in a table beside it, so the drawing itself is hidden from screen readers.
"""

from collections.abc import Callable, Iterable, Sequence

import altair as alt
import polars as pl
import vl_convert

from evaluation.calibration import CalibrationBin
from evaluation.estimate import Estimate
from evaluation.fairness import Fairness
from evaluation.groups import GroupQuality
from evaluation.linkage import Size
from evaluation.rate import Rate
from vocabulary.page import FONT

Say = Callable[[str], str]
"""Gives the text `evaluation.<name>` in the report's language."""

INK, FAINT, MAIN, SECOND, THIRD, FOURTH = "#23272e", "#d5d9de", "#1b5faa", "#b35309", "#5b6570", "#8a94a0"
WIDTH = 640


def calibration_plot(bins: Sequence[CalibrationBin], say: Say, *, lowest: float = 0.9) -> str:
    """Draw what was stated against what held, one point a bin, with its interval and the line where both agree.

    The axes begin at `lowest`, or lower where the points do.
    """
    points = rate_rows({"stated": pl.Float64()}, (((bin_.stated,), bin_.observed) for bin_ in bins))
    low = points.select(pl.min_horizontal(pl.col("stated").min(), pl.col("low").min(), lowest)).item()
    scale = alt.Scale(domain=[low, 1.0], nice=False)
    line = alt.Chart(pl.DataFrame({"stated": [low, 1.0], "value": [low, 1.0]})).mark_line(
        color=FOURTH, strokeDash=[4, 4]
    )
    base = alt.Chart(points).encode(x=alt.X("stated:Q", scale=scale, title=say("plot_stated")))
    marks = base.mark_rule(color=MAIN).encode(y=alt.Y("low:Q", scale=scale), y2="high:Q") + base.mark_point(
        color=MAIN, filled=True, size=60, opacity=1
    ).encode(y=alt.Y("value:Q", scale=scale, title=say("plot_observed")))
    agree = line.encode(x=alt.X("stated:Q", scale=scale), y=alt.Y("value:Q", scale=scale))
    return svg((agree + marks).properties(width=320, height=320))


def sizes_plot(sizes: Sequence[Size], say: Say) -> str:
    """Draw how many persons, and how many children, have each number of records."""
    found = {size.records: size for size in sizes}
    rows = [
        {"records": records, "what": say(what), "number": getattr(found.get(records), what, 0)}
        for records in range(1, max(found) + 1)
        for what in ("persons", "children")
    ]
    kinds = [say("persons"), say("children")]
    chart = (
        alt.Chart(pl.DataFrame(rows))
        .mark_line(interpolate="step", strokeWidth=2)
        .encode(
            x=alt.X("records:Q", title=say("plot_records")),
            y=alt.Y("number:Q", title=say("plot_number")),
            color=alt.Color("what:N", scale=alt.Scale(domain=kinds, range=[MAIN, SECOND]), title=None),
            strokeDash=alt.StrokeDash("what:N", scale=alt.Scale(domain=kinds, range=[[1, 0], [5, 3]]), title=None),
        )
    )
    return svg(chart.properties(width=WIDTH, height=200))


def groups_plot(groups: Sequence[GroupQuality], names: Callable[[str], str], say: Say) -> str:
    """Draw the share of each group's children whose records form exactly one person, with its interval."""
    points = rate_rows({"group": pl.String()}, (((names(group.group),), group.exact) for group in groups))
    low = points.select(pl.min_horizontal(pl.col("low").min(), 0.99)).item()
    scale = alt.Scale(domain=[low, 1.0], nice=False)
    order = [names(group.group) for group in groups]
    base = alt.Chart(points).encode(y=alt.Y("group:N", sort=order, title=None))
    chart = base.mark_rule(color=MAIN, strokeWidth=2).encode(
        x=alt.X("low:Q", scale=scale, title=say("plot_exact"), axis=alt.Axis(format="%")), x2="high:Q"
    ) + base.mark_point(color=MAIN, filled=True, size=60, opacity=1).encode(x="value:Q")
    return svg(chart.properties(width=420, height=alt.Step(24)))


def fairness_plot(fairness: Fairness, names: Callable[[str], str], say: Say) -> str:
    """Draw each group's recall and share of whole children, with intervals, beside everyone's as a dashed line.

    Groups whose recall is lower than the others' beyond chance are drawn in the second colour.
    """
    order = [names(group.group) for group in fairness.groups]
    panels = [_fairness_panel(fairness, measure, names, say, order) for measure in ("recall", "whole")]
    return svg(alt.hconcat(*panels, spacing=24))


def _fairness_panel(
    fairness: Fairness, measure: str, names: Callable[[str], str], say: Say, order: list[str]
) -> alt.LayerChart:
    points = rate_rows(
        {"group": pl.String(), "lower": pl.Boolean()},
        (((names(group.group), group.lower), getattr(group, measure)) for group in fairness.groups),
    )
    furthest = points.select(pl.min_horizontal(pl.col("value").min(), pl.col("low").median(), 0.995)).item()
    left = 1 - 1.2 * (1 - furthest)  # longer lines are cut off there
    points = points.with_columns(pl.col("low").clip(left))
    scale = alt.Scale(domain=[left, 1.0], nice=False, zero=False)
    colour = alt.condition("datum.lower", alt.value(SECOND), alt.value(MAIN))
    axis = alt.Axis() if measure == "recall" else alt.Axis(labels=False)
    base = alt.Chart(points).encode(y=alt.Y("group:N", sort=order, title=None, axis=axis), color=colour)
    title = say(f"plot_fairness_{measure}")
    lines = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", scale=scale, title=title, axis=alt.Axis(format=".1%", tickCount=4, labelFlush=True)),
        x2="high:Q",
    )
    dots = base.mark_point(filled=True, size=60, opacity=1).encode(x=alt.X("value:Q", scale=scale))
    everyone = pl.DataFrame({"value": [getattr(fairness, measure).value]}, schema={"value": pl.Float64()})
    reference = (
        alt.Chart(everyone.drop_nulls())
        .mark_rule(color=FOURTH, strokeDash=[4, 4])
        .encode(x=alt.X("value:Q", scale=scale))
    )
    return (lines + dots + reference).properties(width=300, height=alt.Step(24))


def rate_rows(
    columns: dict[str, pl.DataType], cases: Iterable[tuple[tuple[object, ...], Rate | Estimate]]
) -> pl.DataFrame:
    """One row a rate that has a value: what `columns` say of it, then `value`, `low`, `high`."""
    rows = [(*about, rate.value, rate.low, rate.high) for about, rate in cases if rate.value is not None]
    schema = columns | dict.fromkeys(("value", "low", "high"), pl.Float64())
    return pl.DataFrame(rows, schema=schema, orient="row")


def svg(chart: alt.LayerChart | alt.Chart | alt.HConcatChart) -> str:
    """Convert to SVG that carries no outside reference and takes its width from the page."""
    plain = {"labelColor": INK, "titleColor": INK, "labelFontSize": 13, "titleFontSize": 13}
    axis = {"gridColor": FAINT, "domainColor": FAINT, "tickColor": FAINT, "titleFontWeight": "normal", **plain}
    configured = chart.configure(
        font=FONT, background="transparent", axis=axis, legend={**plain, "orient": "top"}, aria=False
    ).configure_view(stroke=None)
    return str(vl_convert.vegalite_to_svg(configured.to_dict()))
