"""How well the persons of a run agree with the children of the truth, as measures between two partitions.

Everything is counted from one contingency table (how many records each person and child have in common), so a
million records cost a group-by and no pair is ever enumerated.
"""

from typing import Self

import polars as pl

from evaluation.rate import Figures


class Score(Figures):
    """Precision, recall and their harmonic mean, each 0–1, or null where nothing could be counted."""

    precision: float | None
    recall: float | None
    f1: float | None

    @classmethod
    def of(cls, precision: float | None, recall: float | None) -> Self:
        """Score of a precision and a recall."""
        if precision is None or recall is None:
            f1 = None
        else:
            f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        return cls(precision=precision, recall=recall, f1=f1)


def ratio(part: float, whole: float) -> float | None:
    """`part` of `whole`, null where there is no whole."""
    return part / whole if whole else None


def pairs(size: pl.Expr) -> pl.Expr:
    """Count the pairs among `size` records, Int64."""
    size = size.cast(pl.Int64)
    return size * (size - 1) // 2


def child_sizes(records: pl.DataFrame) -> pl.DataFrame:
    """Count the records of each child: `child, of_child`."""
    return records.group_by("child").agg(of_child=pl.len().cast(pl.Int64))


def contingency(matched: pl.DataFrame, children: pl.DataFrame) -> pl.DataFrame:
    """Count the records that each person and child have in common.

    Parameters
    ----------
    matched
        One row a record: `person_id, child`.
    children
        `child, of_child`: how many records each child has among those the recall is held against.

    Returns
    -------
    `person_id, child, records, of_person, of_child` (Int64 counts), one row a person and child in common.

    """
    return (
        matched.group_by("person_id", "child")
        .agg(records=pl.len().cast(pl.Int64))
        .with_columns(of_person=pl.col("records").sum().over("person_id"))
        .join(children, on="child", how="left")
    )


def pairwise(cells: pl.DataFrame, children: pl.DataFrame) -> Score:
    """Share of linked record pairs that are one child's, and share of the children's record pairs linked."""
    right = cells.select(pairs(pl.col("records")).sum()).item()
    linked = cells.unique("person_id").select(pairs(pl.col("of_person")).sum()).item()
    true = children.select(pairs(pl.col("of_child")).sum()).item()
    return Score.of(ratio(right, linked), ratio(right, true))


def bcubed(cells: pl.DataFrame, children: pl.DataFrame) -> Score:
    """B-cubed (Bagga & Baldwin 1998): each record's precision and recall, averaged over the records.

    A record's precision is the share of its person that is its child's; its recall, of its child there.
    A record of the truth that is in no person adds nothing to the recall.
    """
    shared = pl.col("records") ** 2
    precision, recall = cells.select(
        (shared / pl.col("of_person")).sum(), (shared / pl.col("of_child")).sum().alias("recall")
    ).row(0)
    return Score.of(
        ratio(precision, int(cells["records"].sum())),
        ratio(recall, int(children["of_child"].sum())),
    )


def exact(cells: pl.DataFrame, children: pl.DataFrame) -> Score:
    """Share of persons that hold all records of one child and no other, and share of children held so."""
    whole = cells.filter((pl.col("records") == pl.col("of_person")) & (pl.col("records") == pl.col("of_child")))
    return Score.of(
        ratio(whole.height, cells["person_id"].n_unique()),
        ratio(whole.height, children.height),
    )


def majority(cells: pl.DataFrame) -> pl.DataFrame:
    """Child that most records of each person belong to: `person_id, child`; where two tie, the lower name."""
    return (
        cells.sort("person_id", "records", "child", descending=[False, True, False])
        .unique("person_id", keep="first", maintain_order=True)
        .select("person_id", "child")
    )
