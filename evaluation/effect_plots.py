"""Plots of the effect report, as SVG without outside references."""

from collections.abc import Callable, Sequence

import altair as alt
import polars as pl
import vl_convert

from evaluation.effect_figures import Balance, Band, Course
from evaluation.plots import FAINT, FOURTH, INK, MAIN, SECOND
from vocabulary.page import FONT

ALIKE = 0.1
"""Difference in standard deviations within which groups count as alike (Austin 2009)."""
SHOWN = 40
WIDTH = 560

Say = Callable[[str], str]


def love_plot(balance: Sequence[Balance], named: Callable[[Balance], str], say: Say) -> str:
    """Draw the differences in each covariate before and after matching, the largest before first."""
    first = sorted(balance, key=lambda row: -abs(row.before))[:SHOWN]
    stages = {"before": SECOND, "after": MAIN}
    rows = pl.DataFrame(
        [
            {"covariate": named(row), "stage": say(stage), "value": getattr(row, stage)}
            for row in first
            for stage in stages
        ]
    )
    domain = [say(stage) for stage in stages]
    colour = alt.Color("stage:N", scale=alt.Scale(domain=domain, range=list(stages.values())), title=None)
    shape = alt.Shape("stage:N", scale=alt.Scale(domain=domain, range=["circle", "diamond"]), title=None)
    points = (
        alt.Chart(rows)
        .mark_point(filled=True, size=60, opacity=1)
        .encode(
            x=alt.X("value:Q", title=say("alike_caption")),
            y=alt.Y("covariate:N", sort=[named(row) for row in first], title=None, axis=alt.Axis(labelLimit=320)),
            color=colour,
            shape=shape,
        )
    )
    bounds = alt.Chart(pl.DataFrame({"x": [-ALIKE, ALIKE]})).mark_rule(color=FOURTH, strokeDash=[4, 4]).encode(x="x:Q")
    return _svg((bounds + points).properties(width=380, height=alt.Step(18)))


def bands_plot(bands: Sequence[Band], say: Say) -> str:
    """Draw how many candidates there were for each supported child, by band of the chance of support."""
    rows = pl.DataFrame([band.model_dump() for band in bands])
    chart = (
        alt.Chart(rows)
        .mark_bar(color=MAIN)
        .encode(
            x=alt.X("band:O", title=say("band"), axis=alt.Axis(labelAngle=0)),
            y=alt.Y("candidates_per_child:Q", title=say("candidates"), scale=alt.Scale(type="symlog")),
        )
    )
    return _svg(chart.properties(width=WIDTH, height=180))


def course_plot(courses: Sequence[Course], say: Say) -> str:
    """Draw one outcome's differences by year with their intervals; the year before support is zero."""
    points = [
        {"offset": course.offset, **course.estimate.model_dump(include={"value", "low", "high"})} for course in courses
    ]
    rows = pl.DataFrame([*points, {"offset": -1, "value": 0.0, "low": 0.0, "high": 0.0}]).sort("offset")
    base = alt.Chart(rows).encode(x=alt.X("offset:O", title=say("offset"), axis=alt.Axis(labelAngle=0)))
    zero = alt.Chart(pl.DataFrame({"y": [0.0]})).mark_rule(color=FOURTH, strokeDash=[4, 4]).encode(y="y:Q")
    intervals = base.mark_rule(color=MAIN, strokeWidth=2).encode(y=alt.Y("low:Q", title=say("difference")), y2="high:Q")
    dots = base.mark_point(filled=True, size=60, opacity=1, color=MAIN).encode(y="value:Q")
    return _svg((zero + intervals + dots).properties(width=300, height=180))


def _svg(chart: alt.LayerChart | alt.Chart) -> str:
    """Convert to SVG that takes its width and colours from the page."""
    plain = {"labelColor": INK, "titleColor": INK, "labelFontSize": 13, "titleFontSize": 13}
    axis = {"gridColor": FAINT, "domainColor": FAINT, "tickColor": FAINT, "titleFontWeight": "normal", **plain}
    configured = chart.configure(
        font=FONT, background="transparent", axis=axis, legend={**plain, "orient": "top"}, aria=False
    ).configure_view(stroke=None)
    return str(vl_convert.vegalite_to_svg(configured.to_dict()))
