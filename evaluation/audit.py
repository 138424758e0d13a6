"""Whether a list serves every group of children alike: who is listed, how often rightly, who is missed.

Each group is held against the other children of its dimension. Groups differ in how often a hardship begins, and
precision follows that, so the share of child-years with an onset stands beside it.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import fisher_exact, norm

from evaluation.flag_groups import FLAG_GROUPS
from evaluation.holm import beyond_chance
from evaluation.judgement import Scene, delays, hits
from evaluation.rate import Figures, Rate

MEASURES = ("precision", "recall", "false_positive")
WORSE = {"precision": -1, "recall": -1, "false_positive": 1}
"""Direction in which a group is served less well."""


class Difference(Figures):
    """A measure of a group beside that of the other children of its dimension.

    `p_value` is the larger of Fisher's exact test, which takes years as independent, and the normal test of two shares
    that vary between children; `beyond` says whether it is beyond chance over all groups and measures (Holm 1979).
    """

    measure: str
    others: float | None
    p_value: float | None
    beyond: bool


class GroupAudit(Figures):
    """The figures of one group: shares of the child-years and of the list, of onsets, and the three measures."""

    dimension: str
    group: str
    share_of_children: Rate
    share_of_list: Rate
    base: Rate
    precision: Rate
    recall: Rate
    false_positive: Rate
    differences: tuple[Difference, ...]

    @property
    def worse(self) -> tuple[Difference, ...]:
        """Measures by which the group is served less well than the others beyond chance."""
        own: Mapping[str, Rate] = {
            "precision": self.precision,
            "recall": self.recall,
            "false_positive": self.false_positive,
        }
        return tuple(
            each
            for each in self.differences
            if each.beyond
            and (own[each.measure].value or 0.0) * WORSE[each.measure] > (each.others or 0.0) * WORSE[each.measure]
        )


class Audit(Figures):
    """Every group, and how many tests were made of them together."""

    groups: tuple[GroupAudit, ...]
    tests: int


def audit(listed: pl.DataFrame, judged: Scene, groups: pl.DataFrame) -> Audit:
    """Audit one list.

    Parameters
    ----------
    listed
        `child, year` of the list.
    judged
        What it is judged on.
    groups
        `child, year, dimension, group`, as `evaluation.flag_groups.flag_groups` gives it.
    """
    cases = _cases(listed, judged)
    found: list[GroupAudit] = []
    mirrors: list[bool] = []
    for dimension, names in FLAG_GROUPS.items():
        members = groups.filter(pl.col("dimension") == dimension)
        there = [name for name in names if name in members["group"].unique()]
        placed = {measure: _placed(rows, members) for measure, rows in cases.items()}
        # The two groups of a dimension of two differ by one and the same test: it is made once.
        mirrors += [len(there) == 2 and name == there[1] for name in there]
        found += [_group(dimension, name, placed) for name in there]
    return _corrected(found, mirrors)


def _cases(listed: pl.DataFrame, judged: Scene) -> dict[str, pl.DataFrame]:
    """Cases of each measure, `child, year, mark`."""
    everyone = hits(judged.present, judged)
    marked = everyone.join(listed.select("child", "year", listed=True), on=["child", "year"], how="left").with_columns(
        pl.col("listed").fill_null(False)
    )
    first = judged.window.group_by("onset").agg(pl.col("year").min())
    since = delays(listed, judged).join(first, on="onset")
    return {
        "all": marked.select("child", "year", mark="listed"),
        "base": marked.select("child", "year", mark="hit"),
        "precision": marked.filter("listed").select("child", "year", mark="hit"),
        "recall": since.select("child", "year", mark="found"),
        "false_positive": marked.filter(~pl.col("hit")).select("child", "year", mark="listed"),
    }


def _placed(rows: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Hits and cases of each child in each group of a dimension: `child, group, hits, of`."""
    return (
        rows.join(members, on=["child", "year"])
        .group_by("child", "group")
        .agg(hits=pl.col("mark").sum().cast(pl.Int64), of=pl.len().cast(pl.Int64))
        .sort("child", "group")
    )


def _group(dimension: str, name: str, placed: Mapping[str, pl.DataFrame]) -> GroupAudit:
    own, others = pl.col("group") == name, pl.col("group") != name
    rates = {
        measure: _rate(rows.filter(own), at_most_clusters=measure not in ("base", "false_positive"))
        for measure, rows in placed.items()
    }
    differences = []
    for measure in MEASURES:
        rows = placed[measure]
        p_value = _p_value(rows.filter(own), rows.filter(others))
        rest = _rate(rows.filter(others)).value
        differences.append(Difference(measure=measure, others=rest, p_value=p_value, beyond=False))
    return GroupAudit(
        dimension=dimension,
        group=name,
        share_of_children=_part_of(placed["all"], own, pl.col("of")),
        share_of_list=_part_of(placed["all"], own, pl.col("hits")),
        base=rates["base"],
        precision=rates["precision"],
        recall=rates["recall"],
        false_positive=rates["false_positive"],
        differences=tuple(differences),
    )


def _rate(children: pl.DataFrame, *, at_most_clusters: bool = True) -> Rate:
    return Rate.clustered(children["hits"].to_numpy(), children["of"].to_numpy(), at_most_clusters=at_most_clusters)


def _part_of(rows: pl.DataFrame, own: pl.Expr, counted: pl.Expr) -> Rate:
    """Share of what is counted that is the group's own."""
    return Rate.counted(int(rows.filter(own).select(counted.sum()).item()), int(rows.select(counted.sum()).item()))


def _p_value(own: pl.DataFrame, others: pl.DataFrame) -> float | None:
    """Chance of a difference as large, two-sided; None where one side has no case or there is no hit or no miss."""
    table = [[int(side["hits"].sum()), int((side["of"] - side["hits"]).sum())] for side in (own, others)]
    if not all(sum(row) for row in table) or not all(map(sum, zip(*table, strict=True))):
        return None
    exact = float(fisher_exact(table).pvalue)
    return max(exact, _clustered_p(own, others))


def _clustered_p(own: pl.DataFrame, others: pl.DataFrame) -> float:
    """Normal test of two shares whose cases stand or fall by child; a child may have cases on both sides."""
    sides = [side.select("child", off=pl.col("hits") - pl.col("of") * _share(side)) for side in (own, others)]
    sizes = [int(side["of"].sum()) for side in (own, others)]
    joined = sides[0].join(sides[1], on="child", how="full", coalesce=True).fill_null(0.0)
    off: NDArray[np.float64] = joined["off"].to_numpy() / sizes[0] - joined["off_right"].to_numpy() / sizes[1]
    deviation = float((off**2).sum()) ** 0.5
    return float(2 * norm.sf(abs(_share(own) - _share(others)) / deviation)) if deviation > 0 else 1.0


def _share(side: pl.DataFrame) -> float:
    return float(side["hits"].sum()) / float(side["of"].sum())


def _corrected(found: list[GroupAudit], mirrors: list[bool]) -> Audit:
    """The groups with their p values corrected over all tests; of two mirrored groups both get the one test's."""
    tested = [
        None if mirror else each.p_value
        for group, mirror in zip(found, mirrors, strict=True)
        for each in group.differences
    ]
    marks = iter(beyond_chance(tested))
    judged: list[GroupAudit] = []
    for group, mirror in zip(found, mirrors, strict=True):
        own = [next(marks) for _ in group.differences]
        beyond = [each.beyond for each in judged[-1].differences] if mirror else own
        told = (each.model_copy(update={"beyond": mark}) for each, mark in zip(group.differences, beyond, strict=True))
        judged.append(group.model_copy(update={"differences": tuple(told)}))
    return Audit(groups=tuple(judged), tests=sum(test is not None for test in tested))
