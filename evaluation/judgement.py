"""What every list of children is judged on, and how one list fares: hits, onsets found, delay, false alarms."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from evaluation.estimate import Estimate
from evaluation.rate import Figures, Rate

IN_TIME = (0, 1)
"""Years after the onset in which a flag is in time."""

ONSET = ["child", "year", "kind"]
"""What names an onset."""


class Delay(Figures):
    """Onsets by when their child was first listed since: that year, the next, later, or never."""

    same_year: int
    next_year: int
    later: int
    never: int


class ListQuality(Figures):
    """The figures of one rule at one list size; `false_per_1000` child-years.

    `behind` is its precision less that of the flags, null for the flags themselves and for chance.
    """

    rule: str
    listed: int
    precision: Rate
    recall: Rate
    false_per_1000: float | None
    delay: Delay | None = None
    previously_unknown: Rate | None = None
    found_previously_unknown: Rate | None = None
    behind: Estimate | None = None


@dataclass(frozen=True)
class Scene:
    """The years, children and onsets that are judged.

    present
        `child, year`: the children of each judged year.
    window
        `onset, child, kind, onset_year, year`: each onset once for every year in which a flag of it is in time and
        its child is present; with `strength` where the truth tells of it.
    """

    present: pl.DataFrame
    window: pl.DataFrame

    @property
    def onsets(self) -> pl.DataFrame:
        """Onsets that could be found at all: `onset, child, kind, onset_year`, and `strength` where it is told."""
        return self.window.drop("year").unique("onset")

    @property
    def per_year(self) -> pl.DataFrame:
        """`year, children, positives`: how many children a year has, and how many of them a flag would be right for."""
        positive = self.window.select("child", "year", positive=True).unique()
        return (
            self.present.join(positive, on=["child", "year"], how="left")
            .group_by("year")
            .agg(children=pl.len(), positives=pl.col("positive").sum())
        )


def scene(present: pl.DataFrame, shocks: pl.DataFrame) -> Scene:
    """Set the scene of `present` (`child, year`) and TRUTH_SHOCKS; of an onset told twice the strongest counts."""
    ordered = shocks.sort(shocks.columns, descending=[column == "strength" for column in shocks.columns])
    once = ordered.unique(ONSET, keep="first", maintain_order=True).sort(ONSET)
    onsets = once.rename({"year": "onset_year"}).with_row_index("onset")
    window = onsets.join(pl.DataFrame({"delay": IN_TIME}), how="cross").select(
        *onsets.columns, year=(pl.col("onset_year") + pl.col("delay")).cast(pl.Int32)
    )
    return Scene(present, window.join(present, on=["child", "year"], how="semi"))


def hits(listed: pl.DataFrame, judged: Scene) -> pl.DataFrame:
    """Mark each row of `listed` (`child, year`) with `hit`: whether an onset of the child is in time there."""
    right = judged.window.select("child", "year", hit=True).unique()
    return listed.join(right, on=["child", "year"], how="left").with_columns(pl.col("hit").fill_null(False))


def delays(listed: pl.DataFrame, judged: Scene) -> pl.DataFrame:
    """Onsets with `delay`, the years until the child is first in `listed`; null where it never is."""
    since = judged.onsets.join(listed.select("child", "year"), on="child").filter(
        pl.col("year") >= pl.col("onset_year")
    )
    first = since.group_by("onset").agg(delay=pl.col("year").min() - pl.col("onset_year").first())
    return judged.onsets.join(first, on="onset", how="left").with_columns(
        found=pl.col("delay").is_in(IN_TIME).fill_null(False)
    )


def judge(rule: str, listed: pl.DataFrame, judged: Scene) -> ListQuality:
    """Judge one list: `child, year`, and `already_supported` where the rule knows it."""
    marked, since = hits(listed, judged), delays(listed, judged)
    right = int(marked["hit"].sum())
    unknown: dict[str, Any] = {}
    if "already_supported" in marked.columns:
        unknown["previously_unknown"] = share(marked, ~pl.col("already_supported"))
        unknown["found_previously_unknown"] = share(marked.filter("hit"), ~pl.col("already_supported"))
    return ListQuality(
        rule=rule,
        listed=marked.height,
        precision=share(marked, pl.col("hit")),
        recall=share(since, pl.col("found")),
        false_per_1000=_per_1000(marked.height - right, judged),
        delay=Delay(
            same_year=since.filter(pl.col("delay") == 0).height,
            next_year=since.filter(pl.col("delay") == 1).height,
            later=since.filter(pl.col("delay") > IN_TIME[-1]).height,
            never=int(since["delay"].null_count()),
        ),
        **unknown,
    )


def share(rows: pl.DataFrame, mark: pl.Expr) -> Rate:
    """Share of the rows (`child`) that are marked; a child's years and onsets may stand or fall together."""
    children = rows.group_by("child", maintain_order=True).agg(hits=mark.sum().cast(pl.Int64), of=pl.len())
    return Rate.clustered(children["hits"].to_numpy(), children["of"].cast(pl.Int64).to_numpy())


def chance(sizes: pl.DataFrame, judged: Scene) -> ListQuality:
    """Expect what lists of the same `sizes` (`year, listed`), drawn at random, would reach.

    Hits of a year are hypergeometric; an onset is found unless it is missed in each year of its window.
    """
    years = sizes.join(judged.per_year, on="year").with_columns(share=pl.col("positives") / pl.col("children"))
    size, share, children = pl.col("listed"), pl.col("share"), pl.col("children")
    left = pl.when(children > 1).then((children - size) / (children - 1)).otherwise(0.0)
    mean, variance = years.select(
        (size * share).sum(), (size * share * (1 - share) * left).sum().alias("variance")
    ).row(0)
    missed = judged.window.join(years, on="year", how="left").with_columns(missed=1 - (size / children).fill_null(0.0))
    found = 1 - missed.group_by("onset").agg(pl.col("missed").product())["missed"]
    listed = int(years["listed"].sum())
    return ListQuality(
        rule="chance",
        listed=listed,
        precision=Rate.expected(mean, variance, listed),
        recall=Rate.expected(float(found.sum()), float((found * (1 - found)).sum()), found.len()),
        false_per_1000=_per_1000(listed - mean, judged),
    )


def _per_1000(false: float, judged: Scene) -> float | None:
    return 1000 * false / judged.present.height if judged.present.height else None
