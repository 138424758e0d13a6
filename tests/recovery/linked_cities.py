"""Synthetic cities, written, read again and linked; and how well, counted from how many records are in common."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from linkage.delivery import read_delivery
from linkage.link import link
from linkage.linked import Linkage
from linkage.standardise import standardise
from synthetic.city import build_city, write_city
from vocabulary.frames import RECORD, RECORDS
from vocabulary.source import load_sources

TODAY = date(2026, 11, 21)


@dataclass(frozen=True)
class Quality:
    """Record-level pairwise agreement; persons, those of two children or more, children in two persons or more."""

    precision: float
    recall: float
    persons: int
    mixed: int
    split: int

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def delivered(folder: Path, children: int, seed: int, profile: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A city's delivery as read from its files, standardised; and the child of each record."""
    city = build_city(children, seed, profile=profile)
    write_city(city, folder)
    sources = load_sources()
    columns = dict.fromkeys(sources, "*")
    delivery = read_delivery(folder / "delivery", sources=sources, columns=columns, today=TODAY, max_set_aside=0.0)
    records = pl.concat([extract.select(RECORDS.names()) for extract in delivery.extracts.values()])
    assert records.height == city.truth["records"].height
    return standardise(records), city.truth["records"]


def clustered(linkage: Linkage) -> pl.DataFrame:
    """The cluster of each record."""
    return linkage.profiles.members.join(linkage.clusters.assignment, on="profile").select(*RECORD, "cluster")


def quality(found: pl.DataFrame, truth: pl.DataFrame) -> Quality:
    """Compare the cluster of each record with its child."""
    both = found.join(truth, on=RECORD)

    def pairs(*keys: str) -> int:
        sizes = both.group_by(keys).len()["len"].cast(pl.Int64)
        return int((sizes * (sizes - 1) // 2).sum())

    def several(of: str, within: str) -> int:
        return int((both.group_by(within).agg(pl.col(of).n_unique())[of] > 1).sum())

    together = pairs("cluster", "child")
    return Quality(
        precision=together / pairs("cluster"),
        recall=together / pairs("child"),
        persons=both["cluster"].n_unique(),
        mixed=several("child", "cluster"),
        split=several("cluster", "child"),
    )


def linked(standardised: pl.DataFrame, threads: int | None = None) -> Linkage:
    """Link with a fixed seed."""
    return link(standardised, seed=1, threads=threads)
