"""How well found groups of rows agree with the persons of the truth.

Rows a contender left out count as not found. Precision and recall are over pairs of rows, within a file and across.
"""

import resource
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from benchmarks.steps import Spent
from evaluation.clusters import bcubed, child_sizes, contingency, exact, pairwise


@dataclass(frozen=True)
class Option:
    """One way to group the rows of a data set.

    Attributes
    ----------
    name
        Method and threshold.
    groups
        `source`, `record`, `group`: one row a grouped row.
    spent, peak_mb
        Seconds from reading the files to the groups, and the process's largest resident set by then, in MiB.
    """

    name: str
    groups: pl.DataFrame
    spent: Spent
    peak_mb: float


def peak_mb() -> float:
    """Largest resident set of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def judge(groups: pl.DataFrame, truth: pl.DataFrame) -> dict[str, Any]:
    """Figures of `source, record, group` (one row a grouped record) against a truth (`files.TRUTH`)."""
    matched = truth.join(groups, on=["source", "record"]).select(
        person_id=pl.col("group").cast(pl.String), child="person"
    )
    persons = child_sizes(truth.select(child="person"))
    cells = contingency(matched, persons)
    score, whole = pairwise(cells, persons), exact(cells, persons)
    of_truth, of_group = pl.col("child").n_unique(), pl.col("person_id").n_unique()
    return {
        "records": truth.height,
        "left_out": truth.height - matched.height,
        "precision": score.precision,
        "recall": score.recall,
        "f1": score.f1,
        "bcubed_f1": bcubed(cells, persons).f1,
        "exact_precision": whole.precision,
        "exact_recall": whole.recall,
        "mixed_groups": cells.group_by("person_id").agg(of_truth).filter(pl.col("child") > 1).height,
        "split_persons": cells.group_by("child").agg(of_group).filter(pl.col("person_id") > 1).height,
    }


def figures(groups: pl.DataFrame, truth: pl.DataFrame) -> dict[str, Any]:
    """Figures over all rows, and as `children` over those of children only, where there are any."""
    children = truth.filter("child")
    return judge(groups, truth) | ({"children": judge(groups, children)} if children.height else {})


def best(options: Iterable[Option], truth: pl.DataFrame) -> Option:
    """The option with the best F1 on the truth, which a real user could not know."""
    return max(options, key=lambda option: judge(option.groups, truth)["f1"] or 0.0)
