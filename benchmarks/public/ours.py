"""Mimamori on a data set: source specifications (`sources/*.toml`), delivery, comparison keys, linkage; nothing else.

Everything is at its default; beside it, the same pairs are grouped at other thresholds. The number that sources share
is read only where a case is "with the number".
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from benchmarks.public.judge import Option, peak_mb
from benchmarks.steps import Spent
from linkage.clusters import cluster
from linkage.completing import complete
from linkage.delivery import Delivery, read_delivery
from linkage.link import link
from linkage.linked import Linkage
from linkage.repeats import without_repeats
from linkage.standardise import standardise
from vocabulary.frames import RECORDS
from vocabulary.source import load_sources

SPECIFICATIONS = Path(__file__).parent / "sources"
TODAY = date(2100, 1, 1)
"""The day of the processing; simulated rows lie in the future."""
SEED = 1
THRESHOLDS = range(-12, 13, 2)
"""Bits at which groups are joined; the default is 0."""


def run(folder: Path, data: str, *, with_number: bool) -> Iterator[Option]:
    """Link the files of a data set: the default, and the same pairs grouped at `THRESHOLDS`."""
    start = Spent.now()
    delivery = read(folder, with_number=with_number)
    linkage = link_delivery(delivery)
    groups = grouped(linkage)
    spent = Spent.now() - start
    yield Option("default", groups, spent, peak_mb())
    for threshold in THRESHOLDS:
        yield Option(f"joined from {threshold} bits", grouped(at_threshold(linkage, threshold)), spent, peak_mb())


def read(folder: Path, *, with_number: bool) -> Delivery:
    """Read the delivered files by their specifications."""
    sources = load_sources(SPECIFICATIONS)
    delivered = sorted(path.name for path in (folder / "delivery").iterdir())
    columns = ["*", "shared_number"] if with_number else ["*"]
    return read_delivery(
        folder / "delivery",
        sources={name: sources[name] for name in delivered},
        columns=dict.fromkeys(delivered, columns),
        today=TODAY,
    )


def link_delivery(delivery: Delivery) -> Linkage:
    """Link what was accepted."""
    records = pl.concat([extract.select(RECORDS.names()) for extract in delivery.extracts.values()])
    return link(standardise(records), seed=SEED)


def at_threshold(linkage: Linkage, bits: float) -> Linkage:
    """The same linkage, groups joined from `bits`."""
    members = without_repeats(linkage.profiles.members, linkage.model.repeating)
    held_at_once = -linkage.model.held_at_once_weight
    clusters = cluster(linkage.pairs, members, held_at_once=held_at_once, threshold=bits)
    return replace(linkage, clusters=complete(clusters, linkage.pairs, members, linkage.profiles.profiles))


def grouped(linkage: Linkage) -> pl.DataFrame:
    """The found person of each record: `source, record, group`."""
    return linkage.profiles.members.join(linkage.clusters.assignment, on="profile").select(
        "source", record="local_id", group="cluster"
    )
