"""A later delivery: adding the last reference date to what is known, against linking everything at once.

    python -m benchmarks.later [--children 25000] [--profile typical] [--years 12] [--dates 2] [--seed 1]

Prints the table and writes it to `benchmarks/results/later.md`. "From the files" begins with the delivered files, which
are read, checked and standardised, and with the tables an earlier run left; "linking" with standardised records and
those tables in memory. Both end with the clusters. Timeline, indicators and encryption are in neither.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

import polars as pl

from benchmarks.linkage import PROFILES, RESULTS, machine
from benchmarks.steps import LAST_YEAR, Spent
from linkage.delivery import Delivery, read_delivery
from linkage.link import link
from linkage.linked import Linkage
from linkage.standardise import standardise
from linkage.state import TABLES, as_tables, from_tables
from synthetic.city import City, build_city, write_city
from vocabulary.frames import RECORD, RECORDS
from vocabulary.source import load_sources

Made = TypeVar("Made")

HEADER = (
    "| what | records | pairs compared | linking: s | CPU s | share | from the files: s | CPU s | share |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True)
class Case:
    """One row of the table: what was linked, and what the reading before it and the linking took."""

    what: str
    records: int
    pairs: int
    reading: Spent
    linking: Spent


def main() -> None:
    """Run the benchmark."""
    options = _options()
    facts = machine()
    with tempfile.TemporaryDirectory() as folder:
        cases, differing = _measure(Path(folder), options)
    text = "\n".join(
        [
            "# A later delivery",
            "",
            f"`{' '.join(['python -m benchmarks.later', *sys.argv[1:]])}` · "
            f"{', '.join(f'{name} {value}' for name, value in facts.items())}.",
            "",
            f"{options.children:,} children, {options.profile}, {options.dates} dates a year, {options.years} years. "
            "Shares are of the seconds by the clock of the first row, in which the model is learnt as well.",
            f"Records in a person that differs between adding and linking all under the same model: {differing:,} of "
            f"{cases[0].records:,}.",
            "",
            HEADER,
            *(_row(case, cases[0]) for case in cases),
            "",
        ]
    )
    print(text)
    (RESULTS / "later.md").write_text(text, encoding="utf-8")


def _measure(folder: Path, options: argparse.Namespace) -> tuple[list[Case], int]:
    years = range(LAST_YEAR + 1 - options.years, LAST_YEAR + 1)
    city = build_city(options.children, options.seed, years, options.profile, options.dates)
    write_city(city, folder / "whole")
    read, reading = _spent(lambda: _read(folder / "whole"))
    earlier, later = _parted(city, read)
    write_city(later, folder / "later")

    records, standardising = _spent(lambda: _standardised(read))
    learnt, learning = _spent(lambda: link(records, seed=options.seed))
    before = link(records.join(earlier, on=RECORD, how="semi"), seed=options.seed)
    at_once, whole = _spent(lambda: link(records, model=before.model, seed=options.seed))
    for name, frame in as_tables(before).items():
        frame.write_parquet(folder / name)

    kept, loading = _spent(lambda: from_tables({name: pl.read_parquet(folder / name) for name in TABLES}))
    new, reading_new = _spent(lambda: _standardised(_read(folder / "later")))
    added, part = _spent(lambda: link(new, known=kept, model=before.model))
    compared = added.pairs.join(before.pairs, on=["left", "right"], how="anti").height
    cases = [
        Case("all at once", records.height, learnt.pairs.height, reading + standardising, learning),
        Case("all under a known model", records.height, at_once.pairs.height, reading + standardising, whole),
        Case("the last date added", new.height, compared, loading + reading_new, part),
    ]
    return cases, _differing(at_once, added)


def _parted(city: City, read: Delivery) -> tuple[pl.DataFrame, City]:
    """RECORD of the rows before the last reference date, and a city that delivers the rows of that date alone."""
    rows = pl.concat([extract.select(*RECORD, "line") for extract in read.extracts.values()])
    is_last = pl.col("as_of") == rows["as_of"].max()
    last = rows.filter(is_last)
    first_line = 2  # after the header
    sources = {
        name: frame.filter(
            pl.int_range(pl.len()).is_in((last.filter(source=name)["line"].cast(pl.Int64) - first_line).implode())
        )
        for name, frame in city.sources.items()
    }
    return rows.filter(~is_last), City(sources, city.truth)


def _read(folder: Path) -> Delivery:
    sources = load_sources()
    return read_delivery(
        folder / "delivery",
        sources=sources,
        columns=dict.fromkeys(sources, "*"),
        today=date.today(),
        max_set_aside=0.5,
    )


def _standardised(delivery: Delivery) -> pl.DataFrame:
    return standardise(pl.concat([extract.select(RECORDS.names()) for extract in delivery.extracts.values()]))


def _spent(work: Callable[[], Made]) -> tuple[Made, Spent]:
    start = Spent.now()
    done = work()
    return done, Spent.now() - start


def _row(case: Case, whole: Case) -> str:
    cells = [case.what, f"{case.records:,}", f"{case.pairs:,}"]
    of_whole = [(case.linking, whole.linking), (case.reading + case.linking, whole.reading + whole.linking)]
    for spent, of in of_whole:
        cells += [f"{spent.clock:.2f}", f"{spent.processor:.2f}", f"{spent.clock / of.clock:.2f}"]
    return f"| {' | '.join(cells)} |"


def _differing(one: Linkage, other: Linkage) -> int:
    """Records whose person is not the same set of records in both, or which only one has."""
    persons = [
        linkage.profiles.members.join(linkage.clusters.assignment, on="profile").select(*RECORD, "cluster")
        for linkage in (one, other)
    ]
    lone = sum(a.join(b, on=RECORD, how="anti").height for a, b in (persons, persons[::-1]))
    both = persons[0].join(persons[1], on=RECORD, suffix="_other")
    met = both.select("cluster", "cluster_other").unique()
    parted = met.filter(pl.col("cluster").is_duplicated() | pl.col("cluster_other").is_duplicated())
    return lone + both.join(parted, on=["cluster", "cluster_other"], how="semi").height


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.later", description=__doc__.splitlines()[0])
    parser.add_argument("--children", type=int, default=25_000)
    parser.add_argument("--profile", default="typical", choices=PROFILES)
    parser.add_argument("--years", type=int, default=12)
    parser.add_argument("--dates", type=int, default=2, choices=(1, 2, 12))
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
