"""Which sources and columns the list needs: the same flags raised without each, and what is then lost.

Data that change nothing measurable should not be asked for (the Act on the Protection of Personal Information holds
what is kept to what the purpose needs). What a figure cannot tell apart from no loss depends on how many flags and
onsets there are, so the smallest loss that would have been seen stands beside each.
"""

import polars as pl

from evaluation.estimate import Estimate, estimates, per_child
from evaluation.judgement import Scene, delays, hits
from evaluation.lists import Lists, as_many, of_judged
from evaluation.rankings import by_flags
from evaluation.rate import Figures
from evaluation.recomputed import Recomputed

ALL_COLUMNS = "*"
"""Stands for the column where a whole source is left out."""


class Dropped(Figures):
    """What leaving a column, or a whole source (`*`), out changes: without it less with it; below 0 is a loss.

    `needed` where precision or recall is lower beyond chance; `unread` where no indicator reads it, so that nothing can
    change. `changed` is the share of the list that gives way to others.
    """

    source: str
    column: str
    precision: Estimate
    recall: Estimate
    changed: float | None
    needed: bool
    unread: bool


class Sensitivity(Figures):
    """Every source and column left out, what is lost most first; lists as long as the run's.

    `together` leaves out all columns of `adds_nothing` at once: what each alone does not add they may add together,
    as where two columns tell the same.
    """

    dropped: tuple[Dropped, ...]
    together: Dropped | None = None

    @property
    def adds_nothing(self) -> tuple[Dropped, ...]:
        """Columns without which nothing measurable is lost."""
        return tuple(each for each in self.dropped if not each.needed and each.column != ALL_COLUMNS)


def sensitivity(prepared: Lists, flags: pl.DataFrame, anew: Recomputed) -> Sensitivity | None:
    """Compare lists without one source or column with the run's; None where none was raised.

    Parameters
    ----------
    prepared
        What is judged.
    flags
        FLAGS of the run.
    anew
        With FLAGS raised without each source and column.
    """
    if not anew.without:
        return None
    base = by_flags(of_judged(flags, prepared.child_of, prepared.judged))
    found = [_dropped(name, raised, base, prepared) for name, raised in anew.without.items()]
    worst = sorted(found, key=lambda each: (each.precision.value or 0.0) + (each.recall.value or 0.0))
    alone = Sensitivity(dropped=tuple(worst))
    spare = [(each.source, each.column) for each in alone.adds_nothing if not each.unread]
    if anew.without_all is None or not spare:
        return alone
    together = _dropped((ALL_COLUMNS, ALL_COLUMNS), anew.without_all(spare), base, prepared)
    return alone.model_copy(update={"together": together})


def _dropped(name: tuple[str, str], flags: pl.DataFrame | None, base: pl.DataFrame, prepared: Lists) -> Dropped:
    source, column = name
    if flags is None:
        none = Estimate(value=0.0, low=0.0, high=0.0)
        return Dropped(
            source=source, column=column, precision=none, recall=none, changed=0.0, needed=False, unread=True
        )
    listed = as_many(by_flags(of_judged(flags, prepared.child_of, prepared.judged)), base)
    precision, recall = _differences(listed, base, prepared.judged)
    stays = base.join(listed, on=["child", "year"], how="semi").height
    return Dropped(
        source=source,
        column=column,
        precision=precision,
        recall=recall,
        changed=1 - stays / base.height if base.height else None,
        needed=any(each.high is not None and each.high < 0 for each in (precision, recall)),
        unread=False,
    )


def _differences(listed: pl.DataFrame, base: pl.DataFrame, judged: Scene) -> tuple[Estimate, Estimate]:
    """Precision and recall of `listed` less those of `base`, with intervals over the same resampled children."""
    parts = []
    for at, each in enumerate((listed, base)):
        marked = hits(each.select("child", "year"), judged)
        parts.append(
            marked.select("child", pl.col("hit").cast(pl.Float64).alias(f"hit_{at}"), pl.lit(1.0).alias(f"of_{at}"))
        )
        since = delays(each, judged)
        parts.append(
            since.select("child", pl.col("found").cast(pl.Float64).alias(f"found_{at}"), onsets=pl.lit(1.0 - at))
        )
    rows = pl.concat(parts, how="diagonal").fill_null(0.0)
    totals = per_child(rows, ["hit_0", "of_0", "found_0", "hit_1", "of_1", "found_1", "onsets"])
    precision, recall = estimates(
        totals,
        lambda sums: sums[:, 0] / sums[:, 1] - sums[:, 3] / sums[:, 4],
        lambda sums: (sums[:, 2] - sums[:, 5]) / sums[:, 6],
    )
    return precision, recall
