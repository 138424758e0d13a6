"""The steps of the linkage benchmark, each run as a process of its own so that time and memory are its own.

    python -m benchmarks.steps city FOLDER CHILDREN PROFILE SEED YEARS DATES
    python -m benchmarks.steps mimamori|splink|plain|recipe FOLDER

`city` leaves `standardised`, `records` and `children` (Parquet) in FOLDER; a contender reads the first, links it and
leaves its figures as JSON. Seconds, by the clock and of processor time, run from reading the rows to the finished
clusters, without importing libraries; the peak is the process's largest resident set up to then, libraries included.
"""

import json
import resource
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any, Self

import polars as pl
import pyarrow.dataset  # noqa: F401  DuckDB imports it, and pandas with it, when it first reads a frame

from evaluation.linkage import LinkageQuality, linkage_quality
from vocabulary.frames import LINKS, RECORDS

if TYPE_CHECKING:
    from benchmarks.splink_dedupe import SplinkDedupe

SEED = 1
LAST_YEAR = 2025


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock, and of processor time in all threads."""

    clock: float
    processor: float

    @classmethod
    def now(cls) -> Self:
        """Read both clocks."""
        return cls(perf_counter(), process_time())

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.clock + other.clock, self.processor + other.processor)

    def __sub__(self, other: "Spent") -> "Spent":
        return Spent(self.clock - other.clock, self.processor - other.processor)


def make_city(folder: Path, children: int, profile: str, seed: int, years: int, dates: int) -> None:
    """Make a city of the last `years`, `dates` a year, deliver it to files, read and standardise it as a run does."""
    from linkage.delivery import read_delivery
    from linkage.standardise import standardise
    from synthetic.city import build_city, write_city
    from vocabulary.source import load_sources

    city = build_city(children, seed, range(LAST_YEAR + 1 - years, LAST_YEAR + 1), profile, dates)
    sources = load_sources()
    with tempfile.TemporaryDirectory() as files:
        write_city(city, Path(files))
        delivery = read_delivery(
            Path(files) / "delivery",
            sources=sources,
            columns=dict.fromkeys(sources, "*"),
            today=date.today(),
            max_set_aside=0.5,
        )
    records = pl.concat([extract.select(RECORDS.names()) for extract in delivery.extracts.values()])
    standardise(records).write_parquet(folder / "standardised.parquet")
    for name in ("records", "children"):
        city.truth[name].write_parquet(folder / f"{name}.parquet")


def run_mimamori(folder: Path) -> dict[str, Any]:
    """Link with this project's linkage."""
    from linkage.link import link

    start = Spent.now()
    linkage = link(pl.read_parquet(folder / "standardised.parquet"), seed=SEED)
    spent, peak = Spent.now() - start, _peak_mb()
    found = linkage.profiles.members.join(linkage.clusters.assignment, on="profile")
    links = found.select(
        "source", "local_id", "as_of", "match_probability", person_id=pl.col("cluster").cast(pl.String)
    )
    return figures(_judge(links, folder), spent, peak)


def run_splink(folder: Path) -> dict[str, Any]:
    """Link with the peer that was tuned to these rows."""
    from benchmarks.splink_dedupe import SplinkDedupe

    return _run_peer(folder, SplinkDedupe)


def run_plain(folder: Path) -> dict[str, Any]:
    """Link with the peer that follows Splink's documentation."""
    from benchmarks.splink_plain import plain_dedupe

    return _run_peer(folder, plain_dedupe)


def run_recipe(folder: Path) -> dict[str, Any]:
    """Link with Splink's published recipe."""
    from benchmarks.splink_recipe import recipe_dedupe

    return _run_peer(folder, recipe_dedupe)


def _run_peer(folder: Path, train: "Callable[[pl.DataFrame, int], SplinkDedupe]") -> dict[str, Any]:
    """Link and cluster at the threshold that does best on the truth; the other thresholds take no time."""
    from benchmarks.splink_dedupe import THRESHOLDS

    start = Spent.now()
    dedupe = train(pl.read_parquet(folder / "standardised.parquet"), SEED)
    trained = Spent.now() - start
    clustered = {}
    for threshold in THRESHOLDS:
        start = Spent.now()
        links = dedupe.links(threshold)
        clustered[threshold] = (links, Spent.now() - start)
    peak = _peak_mb()
    judged = {threshold: _judge(links, folder) for threshold, (links, _) in clustered.items()}
    best = max(judged, key=lambda threshold: judged[threshold].linked.pairwise.f1 or 0.0)
    return figures(judged[best], trained + clustered[best][1], peak) | {"threshold": best}


def _judge(links: pl.DataFrame, folder: Path) -> LinkageQuality:
    links = links.with_columns(
        pl.lit(None, dtype).alias(name) for name, dtype in LINKS.items() if name not in links.columns
    )
    return linkage_quality(
        links, pl.read_parquet(folder / "records.parquet"), pl.read_parquet(folder / "children.parquet")
    )


def figures(quality: LinkageQuality, spent: Spent, peak: float) -> dict[str, Any]:
    """Gather the figures of one row of the table."""
    pairwise, exact = quality.linked.pairwise, quality.linked.exact
    return {
        "records": quality.records_linked,
        "precision": pairwise.precision,
        "recall": pairwise.recall,
        "f1": pairwise.f1,
        "bcubed_f1": quality.linked.bcubed.f1,
        "exact_precision": exact.precision,
        "exact_recall": exact.recall,
        "persons": quality.linked.persons,
        "mixed_persons": int(quality.mixed.hits),
        "split_children": int(quality.split.hits),
        "seconds": round(spent.clock, 2),
        "processor_seconds": round(spent.processor, 2),
        "peak_mb": round(peak),
    }


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


CONTENDERS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "mimamori": run_mimamori,
    "splink": run_splink,
    "plain": run_plain,
    "recipe": run_recipe,
}


def main(step: str, folder: str, *arguments: str) -> None:
    """Run one step."""
    where = Path(folder)
    if step == "city":
        children, profile, *numbers = arguments
        make_city(where, int(children), profile, *map(int, numbers))
    else:
        found = CONTENDERS[step](where)
        (where / f"{step}.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
