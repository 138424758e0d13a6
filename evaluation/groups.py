"""The linkage figures of groups of children, so that it can be seen for whom links are harder to find."""

import polars as pl

from evaluation.clusters import Score, pairs, ratio
from evaluation.happenings import GROUPS
from evaluation.rate import Figures, Rate


class GroupQuality(Figures):
    """The figures of the children of one group, among linked records.

    Precision is over linked pairs with a record of the group, recall over the pairs of its children.
    """

    group: str
    children: int
    records: int
    pairwise: Score
    exact: Rate
    split: Rate
    mixed: Rate


def group_qualities(cells: pl.DataFrame, groups: pl.DataFrame) -> tuple[GroupQuality, ...]:
    """Figures of each group.

    Parameters
    ----------
    cells
        As `evaluation.clusters.contingency` makes it.
    groups
        `child, group`; a child may be in several.

    """
    per_child = (
        children_found(cells)
        .join(groups, on="child")
        .group_by("group")
        .agg(
            children=pl.len(),
            records=pl.col("of_child").sum(),
            right=pl.col("right").sum(),
            true=pairs(pl.col("of_child")).sum(),
            exact=(~pl.col("split") & ~pl.col("mixed")).sum(),
            split=pl.col("split").sum(),
            mixed=pl.col("mixed").sum(),
        )
    )
    touched = persons_touched(cells, groups).group_by("group").agg(pl.col("touched").sum())
    rows = per_child.join(touched, on="group").iter_rows(named=True)
    order = {name: place for place, name in enumerate(GROUPS)}
    return tuple(
        GroupQuality(
            group=row["group"],
            children=row["children"],
            records=row["records"],
            pairwise=Score.of(ratio(row["right"], row["touched"]), ratio(row["right"], row["true"])),
            exact=Rate.counted(row["exact"], row["children"]),
            split=Rate.counted(row["split"], row["children"]),
            mixed=Rate.counted(row["mixed"], row["children"]),
        )
        for row in sorted(rows, key=lambda row: (order.get(row["group"], len(order)), row["group"]))
    )


def children_found(cells: pl.DataFrame) -> pl.DataFrame:
    """Each `child`: its records (`of_child`), its linked pairs (`right`), whether it is `split`, whether `mixed`."""
    return cells.group_by("child").agg(
        of_child=pl.col("of_child").first(),
        right=pairs(pl.col("records")).sum(),
        split=pl.len() > 1,
        mixed=(pl.col("records") < pl.col("of_person")).any(),
    )


def persons_touched(cells: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """Each person with a record of a group: its pairs with one, and those of them that are one child's.

    Returns
    -------
    `group, person_id, touched, right`; `touched` is all pairs of the person less those among the others.
    """
    persons = (
        cells.join(groups, on="child")
        .group_by("group", "person_id")
        .agg(
            of_person=pl.col("of_person").first(),
            own=pl.col("records").sum(),
            right=pairs(pl.col("records")).sum(),
        )
    )
    touched = pairs(pl.col("of_person")) - pairs(pl.col("of_person") - pl.col("own"))
    return persons.select("group", "person_id", touched.alias("touched"), "right")
