"""Whether linkage serves every group of children alike: figures by group, and which groups it serves less well.

Missing links fall on the children whose records change most, who are those the work is about. So each group is held
against the other children of its dimension, and the group whose links are found least often stands first.
"""

import polars as pl
from scipy.stats import fisher_exact

from evaluation.clusters import pairs
from evaluation.groups import children_found, persons_touched
from evaluation.holm import beyond_chance
from evaluation.rate import Figures, Rate


class GroupService(Figures):
    """How well the links of one group's children are found, among linked records.

    `recall` and `precision` are over pairs of records, their intervals over children and persons; `whole` is the share
    of children whose records form exactly one person. `others_recall` is that of the other children of the dimension.
    `p_value` is the chance of as many split children in the group if children were split alike in it and outside.
    """

    dimension: str
    group: str
    children: int
    recall: Rate
    precision: Rate
    whole: Rate
    others_recall: float | None
    p_value: float | None
    lower: bool


class Fairness(Figures):
    """The figures of everyone, and of each group, the least well served first."""

    recall: Rate
    precision: Rate
    whole: Rate
    groups: tuple[GroupService, ...]

    @property
    def lower(self) -> tuple[GroupService, ...]:
        """Groups whose recall is lower than that of the others beyond chance."""
        return tuple(group for group in self.groups if group.lower)


def fairness(cells: pl.DataFrame, groups: pl.DataFrame) -> Fairness:
    """Figures of each group.

    A group's recall is lower beyond chance where it is lower than that of the others of its dimension, and more of
    its children are split than of these by Fisher's exact test, at 5 % over all groups together (Holm 1979).

    Parameters
    ----------
    cells
        As `evaluation.clusters.contingency` makes it.
    groups
        `child, dimension, group`, as `evaluation.circumstances.circumstances` gives it.
    """
    children = children_found(cells).with_columns(true=pairs(pl.col("of_child")))
    touched = persons_touched(cells, groups)
    everyone = _rates(children, persons_touched(cells, children.select("child", group=pl.lit(""))))
    found = []
    for (dimension, group), members in groups.group_by("dimension", "group", maintain_order=True):
        own = children.join(members, on="child", how="semi")
        others = children.join(groups.filter(pl.col("dimension") == dimension), on="child", how="semi").join(
            members, on="child", how="anti"
        )
        rates = _rates(own, touched.filter(pl.col("group") == group))
        others_recall = Rate.clustered(others["right"].to_numpy(), others["true"].to_numpy()).value
        found.append(
            GroupService(
                dimension=str(dimension),
                group=str(group),
                children=own.height,
                others_recall=others_recall,
                p_value=_more_split(own, others),
                lower=False,
                **rates,
            )
        )
    return Fairness(**everyone, groups=_worst_first(_holm(found)))


def _rates(children: pl.DataFrame, touched: pl.DataFrame) -> dict[str, Rate]:
    """Recall, precision and share of whole children."""
    whole = children.select((~pl.col("split") & ~pl.col("mixed")).sum()).item()
    return {
        "recall": Rate.clustered(children["right"].to_numpy(), children["true"].to_numpy()),
        "precision": Rate.clustered(touched["right"].to_numpy(), touched["touched"].to_numpy()),
        "whole": Rate.counted(whole, children.height),
    }


def _more_split(own: pl.DataFrame, others: pl.DataFrame) -> float | None:
    """Fisher's exact test, one-sided, among the children with two records or more, who alone can be split."""
    table = []
    for children in (own, others):
        several = children.filter(pl.col("of_child") > 1)
        split = int(several["split"].sum())
        table.append([split, several.height - split])
    if not (sum(table[0]) and sum(table[1])):
        return None
    return float(fisher_exact(table, alternative="greater").pvalue)


def _holm(groups: list[GroupService]) -> list[GroupService]:
    """The groups with `lower` told, corrected over all that could be tested."""
    beyond = beyond_chance([group.p_value for group in groups])
    told = zip(groups, beyond, strict=True)
    return [group.model_copy(update={"lower": mark and _is_below(group)}) for group, mark in told]


def _is_below(group: GroupService) -> bool:
    if group.recall.value is None or group.others_recall is None:
        return False
    return group.recall.value < group.others_recall


def _worst_first(groups: list[GroupService]) -> tuple[GroupService, ...]:
    """Lowest recall first, then the fewest whole children; groups without a pair last."""

    def place(group: GroupService) -> tuple[float, float, str]:
        recall, whole = group.recall.value, group.whole.value
        return (2.0 if recall is None else recall, 2.0 if whole is None else whole, group.group)

    return tuple(sorted(groups, key=place))
