"""What linkage error does to the list: a run's flags beside those the same rules raise when every link is true.

A record of another child looks like a large change, so a few wrong links could fill a short list. Flags whose link is
doubtful are held for review; whether these are the ones that would have been wrong is counted too.
"""

import polars as pl

from evaluation.comparison import precision_differences
from evaluation.estimate import Estimate
from evaluation.judgement import Scene, delays, hits, share
from evaluation.lists import Lists, of_judged
from evaluation.rate import Figures, Rate

LINKAGES = ("whole", "mixed", "split")
"""A person holds all records of one child and no other, records of several children, or some of one child's."""


class LinkageList(Figures):
    """Children listed under one set of links, and how rightly."""

    listed: int
    precision: Rate
    recall: Rate


class LinkageFlags(Figures):
    """Flags that stand on one kind of person: how many of the list, and how rightly."""

    linkage: str
    share_of_list: Rate
    precision: Rate


class LinkageEffect(Figures):
    """The list by the run's links and by the true ones, at the run's own length.

    `difference` is that of precision (run less true), with an interval over children; `in_both` the share of the run's
    list that is also on the true one. `held` are flags held for review, by the kind of person they stand on.
    """

    run: LinkageList
    true: LinkageList | None
    difference: Estimate | None
    in_both: Rate | None
    shown: tuple[LinkageFlags, ...]
    held: tuple[LinkageFlags, ...]


def linkage_effect(
    prepared: Lists, flags: pl.DataFrame, held: pl.DataFrame, true_flags: pl.DataFrame | None
) -> LinkageEffect:
    """Hold the run's flags against those by true links.

    Parameters
    ----------
    prepared
        What is judged.
    flags, held
        FLAGS and HELD_FLAGS of the run.
    true_flags
        FLAGS by true links, whose `person_id` is the child; None where they were not made.
    """
    judged = prepared.judged
    own = of_judged(flags, prepared.child_of, judged)
    shown = own.select("child", "year").unique()
    true = None if true_flags is None else _true_list(true_flags, judged)
    return LinkageEffect(
        run=_list(shown, judged),
        true=None if true is None else _list(true, judged),
        difference=None if true is None else precision_differences(true, {"run": shown}, judged)["run"],
        in_both=None if true is None else _in_both(shown, true),
        shown=_by_linkage(own, prepared),
        held=_by_linkage(of_judged(held, prepared.child_of, judged), prepared),
    )


def _true_list(flags: pl.DataFrame, judged: Scene) -> pl.DataFrame:
    return flags.select("year", child="person_id").unique().join(judged.present, on=["child", "year"], how="semi")


def _list(listed: pl.DataFrame, judged: Scene) -> LinkageList:
    return LinkageList(
        listed=listed.height,
        precision=share(hits(listed, judged), pl.col("hit")),
        recall=share(delays(listed, judged), pl.col("found")),
    )


def _in_both(shown: pl.DataFrame, true: pl.DataFrame) -> Rate:
    there = shown.select("child", "year").join(true.with_columns(there=True), on=["child", "year"], how="left")
    return share(there, pl.col("there").fill_null(False))


def _by_linkage(flags: pl.DataFrame, prepared: Lists) -> tuple[LinkageFlags, ...]:
    """Flags (`person_id, child, year`) by the kind of their person."""
    marked = hits(flags.join(_kinds(prepared.cells), on="person_id"), prepared.judged)
    return tuple(
        LinkageFlags(
            linkage=linkage,
            share_of_list=share(marked, pl.col("linkage") == linkage),
            precision=share(marked.filter(pl.col("linkage") == linkage), pl.col("hit")),
        )
        for linkage in LINKAGES
    )


def _kinds(cells: pl.DataFrame) -> pl.DataFrame:
    """`person_id, linkage`; a person that is both mixed and split is mixed."""
    split = cells.select("child", several=pl.len().over("child") > 1)
    told = cells.with_columns(mixed=pl.len().over("person_id") > 1, several=split["several"])
    persons = told.group_by("person_id").agg(pl.col("mixed").any(), pl.col("several").any())
    kind = pl.when("mixed").then(pl.lit("mixed")).when("several").then(pl.lit("split")).otherwise(pl.lit("whole"))
    return persons.select("person_id", linkage=kind)
