"""The charts of an explanation and of a model as inline SVG, drawn without a browser or a script.

Colours are the light theme's; the page's style sheet replaces each by its counterpart in the dark theme. What a chart
shows also stands in a table beside it.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import altair as alt
import polars as pl
import vl_convert

from mimamori.explain import Group, Joining
from mimamori.explain_words import Step, group_name, signed
from vocabulary.texts import text

FONT = "Noto Sans JP, Noto Sans CJK JP, Hiragino Sans, Yu Gothic, Meiryo, IPAPGothic, IPAGothic, sans-serif"
INK, FAINT, ADDS, TAKES, QUIET = "#23272e", "#d5d9de", "#1b5faa", "#b35309", "#5b6570"
TIMES = ("#1b5faa", "#5b6570", "#8a94a0", "#b35309")
WIDTH = 520
ROW = 26
"""Height of a row, in pixels."""

LINES = {"x": pl.Float64(), "y": pl.Float64(), "x2": pl.Float64(), "y2": pl.Float64(), "weakest": pl.Boolean()}


@dataclass(frozen=True)
class Tree:
    """A tree of joinings, drawn from the strongest on.

    Attributes
    ----------
    order
        The groups from top to bottom, so that no two lines cross.
    lines
        `x`, `y`, `x2`, `y2` of each line, and `weakest`: it belongs to the weakest joining. x is in bits, y the place
        of a group in `order`, between two where groups were joined.
    """

    order: tuple[int, ...]
    lines: pl.DataFrame


def waterfall(steps: Sequence[Step], total: str) -> str:
    """Draw each step from the sum before it to the sum after it, and last the total from 0."""
    reached = steps[-1].after
    rows = [(step.name, step.before, step.after, signed(step.bits), TAKES if step.bits < 0 else ADDS) for step in steps]
    rows.append((total, 0.0, reached, signed(reached), QUIET))
    columns = ["name", "start", "end", "bits", "colour"]
    frame = pl.DataFrame(rows, schema=columns, orient="row").with_columns(right=pl.max_horizontal("start", "end"))
    order = frame["name"].to_list()
    base = alt.Chart(frame).encode(y=alt.Y("name:N", sort=order, title=None))
    bars = base.mark_bar(height=14).encode(
        x=alt.X("start:Q", title=text("explain.column_bits")), x2="end:Q", color=alt.Color("colour:N", scale=None)
    )
    labels = base.mark_text(align="left", dx=5, color=INK, fontSize=12).encode(x="right:Q", text="bits:N")
    zero = alt.Chart(pl.DataFrame({"zero": [0.0]})).mark_rule(color=INK).encode(x="zero:Q")
    return svg((bars + zero + labels).properties(width=WIDTH, height=alt.Step(ROW)))


def lay_out(profiles: Iterable[int], joinings: Sequence[Joining]) -> Tree:
    """Lay out joinings, strongest first, as the dendrogram of single linkage (Gower & Ross 1969)."""
    joined = list(_parts_joined(profiles, joinings))
    members = {profile: [profile] for profile in profiles}
    for kept, gone in joined:
        members[kept] += members.pop(gone)
    order = tuple(profile for part in members.values() for profile in part)
    begin = _begin(joinings)
    at = {profile: (begin, float(place)) for place, profile in enumerate(order)}
    lines = []
    for joining, parts in zip(joinings, joined, strict=True):
        ends = [at[part] for part in parts]
        lines += [(x, y, joining.bits, y, joining is joinings[-1]) for x, y in ends]
        lines.append((joining.bits, ends[0][1], joining.bits, ends[1][1], joining is joinings[-1]))
        at[parts[0]] = (joining.bits, (ends[0][1] + ends[1][1]) / 2)
    return Tree(order, pl.DataFrame(lines, schema=LINES, orient="row"))


def _parts_joined(profiles: Iterable[int], joinings: Iterable[Joining]) -> Iterator[tuple[int, int]]:
    """Which two parts each joining brings together, by the profile that each is named after; the first stays."""
    part = {profile: profile for profile in profiles}
    for joining in joinings:
        kept, gone = part[joining.left], part[joining.right]
        part = {profile: kept if of == gone else of for profile, of in part.items()}
        yield kept, gone


def _begin(joinings: Sequence[Joining]) -> float:
    """Bits at which the lines of the groups begin: a little above the strongest joining."""
    return joinings[0].bits + max(1.0, 0.1 * joinings[0].bits)


def dendrogram(groups: Sequence[Group], joinings: Sequence[Joining]) -> str:
    """Draw the joinings of a child's groups, strongest first; the weakest in a colour and with its bits."""
    names = {group.profile: group_name(group) for group in groups}
    laid = lay_out(names, joinings)
    labels = json.dumps([names[profile] for profile in laid.order], ensure_ascii=False)
    axis = alt.Axis(
        values=list(range(len(laid.order))),
        labelExpr=f"{labels}[datum.value]",
        grid=False,
        ticks=False,
        labelLimit=0,
        labelOverlap=False,
    )
    scale = alt.Scale(domain=[-0.5, len(laid.order) - 0.5], reverse=True, nice=False)
    base = alt.Chart(laid.lines).encode(
        x=alt.X("x:Q", scale=alt.Scale(reverse=True, zero=True), title=text("explain.tree_axis")), x2="x2:Q"
    )
    colour = alt.condition("datum.weakest", alt.value(TAKES), alt.value(ADDS))
    lines = base.mark_rule(strokeWidth=2).encode(
        y=alt.Y("y:Q", scale=scale, axis=axis, title=None), y2="y2:Q", color=colour
    )
    corner = laid.lines.filter("weakest").tail(1).with_columns(middle=(pl.col("y") + pl.col("y2")) / 2)
    said = f"{text('explain.weakest_link')} {signed(joinings[-1].bits)}"
    mark = (
        alt.Chart(corner)
        .mark_text(align="left", dx=6, color=TAKES, fontSize=13)
        .encode(x="x:Q", y=alt.Y("middle:Q", scale=scale, axis=axis, title=None), text=alt.value(said))
    )
    return svg((lines + mark).properties(width=420, height=ROW * len(laid.order)))


def weights_of_individual(levels: pl.DataFrame) -> str:
    """Draw what each level of the individual comparisons weighs against strangers, siblings and twins.

    `levels` has `row` (comparison and level in words), `against` in words, and `bits`.
    """
    kinds = levels["against"].unique(maintain_order=True).to_list()
    colours = alt.Scale(domain=kinds, range=[ADDS, TAKES, QUIET][: len(kinds)])
    shapes = alt.Scale(domain=kinds, range=["circle", "square", "diamond"][: len(kinds)])
    return svg(_dots(levels, "against", colours, shapes).properties(width=WIDTH, height=alt.Step(ROW)))


def weights_of_household(levels: pl.DataFrame) -> str:
    """Draw what each level of the household comparisons weighs in each way, by the time between the two.

    `levels` has `row`, `way` and `years` in words, and `bits`.
    """
    times = levels["years"].unique(maintain_order=True).to_list()
    colours = alt.Scale(domain=times, range=[*TIMES][: len(times)])
    shapes = alt.Scale(domain=times, range=["circle", "square", "diamond", "triangle-up"][: len(times)])
    panels = [
        _dots(levels.filter(pl.col("way") == way), "years", colours, shapes, labelled=place == 0).properties(
            width=190, height=alt.Step(ROW), title=way
        )
        for place, way in enumerate(levels["way"].unique(maintain_order=True))
    ]
    return svg(alt.hconcat(*panels, spacing=16).resolve_scale(x="shared"))


def _dots(
    levels: pl.DataFrame, kind: str, colours: alt.Scale, shapes: alt.Scale, *, labelled: bool = True
) -> alt.LayerChart:
    order = levels["row"].unique(maintain_order=True).to_list()
    axis = alt.Axis(labelLimit=0, grid=True, labels=labelled, ticks=labelled)
    dots = (
        alt.Chart(levels)
        .mark_point(filled=True, size=60, opacity=0.9)
        .encode(
            x=alt.X("bits:Q", title=text("explain.column_bits"), axis=alt.Axis(tickCount=5)),
            y=alt.Y("row:N", sort=order, title=None, axis=axis),
            color=alt.Color(f"{kind}:N", scale=colours, title=None),
            shape=alt.Shape(f"{kind}:N", scale=shapes, title=None),
        )
    )
    return alt.Chart(pl.DataFrame({"zero": [0.0]})).mark_rule(color=INK).encode(x="zero:Q") + dots


def svg(chart: alt.LayerChart | alt.HConcatChart) -> str:
    """Convert to SVG that carries no outside reference and takes its width from the page."""
    plain = {"labelColor": INK, "titleColor": INK, "labelFontSize": 13, "titleFontSize": 13, "labelLimit": 0}
    axis = {"gridColor": FAINT, "domainColor": FAINT, "tickColor": FAINT, "titleFontWeight": "normal", **plain}
    configured = chart.configure(
        font=FONT,
        background="transparent",
        axis=axis,
        legend={**plain, "orient": "top"},
        title={"color": INK, "fontSize": 13, "fontWeight": "normal"},
        aria=False,
    ).configure_view(stroke=None)
    return str(vl_convert.vegalite_to_svg(configured.to_dict()))
