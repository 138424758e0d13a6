"""A later delivery: adding the last reference date to what is known, against linking everything at once.

    python -m benchmarks.later [--children 25000] [--profile typical] [--years 12] [--dates 2] [--seed 1]

Prints the table and writes it to `benchmarks/results/later.md`. Both are given standardised records and the model that
the records up to the date before taught; reading, standardising, indicators and encryption are not in the times.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import polars as pl

from benchmarks.linkage import PROFILES, RESULTS, machine
from benchmarks.steps import Spent, make_city
from linkage.link import link
from linkage.linked import Linkage
from vocabulary.frames import RECORD

HEADER = (
    "| what | records | pairs compared | seconds | CPU s | share of linking all at once |\n|---|---|---|---|---|---|"
)


def main() -> None:
    """Run the benchmark."""
    options = _options()
    facts = machine()
    with tempfile.TemporaryDirectory() as folder:
        make_city(Path(folder), options.children, options.profile, options.seed, options.years, options.dates)
        records = pl.read_parquet(Path(folder) / "standardised.parquet")
    last = records["as_of"].max()
    earlier, new = records.filter(pl.col("as_of") < last), records.filter(pl.col("as_of") == last)
    before = link(earlier, seed=options.seed)
    at_once, whole = _spent(lambda: link(records, model=before.model, seed=options.seed))
    added, part = _spent(lambda: link(new, known=before.known, model=before.model, seed=options.seed))
    rows = [
        _row("all at once", records.height, at_once.pairs.height, whole, whole),
        _row(
            "the last date added",
            new.height,
            added.pairs.join(before.pairs, on=["left", "right"], how="anti").height,
            part,
            whole,
        ),
    ]
    text = "\n".join(
        [
            "# A later delivery",
            "",
            f"`{' '.join(['python -m benchmarks.later', *sys.argv[1:]])}` · "
            f"{', '.join(f'{name} {value}' for name, value in facts.items())}.",
            "",
            f"{options.children:,} children, {options.profile}, {options.dates} dates a year, {options.years} years.",
            f"Records in a person that differs between the two: {_differing(at_once, added):,} of {records.height:,}.",
            "",
            HEADER,
            *rows,
            "",
        ]
    )
    print(text)
    (RESULTS / "later.md").write_text(text, encoding="utf-8")


def _spent(work: Callable[[], Linkage]) -> tuple[Linkage, Spent]:
    start = Spent.now()
    done = work()
    return done, Spent.now() - start


def _row(what: str, records: int, pairs: int, spent: Spent, whole: Spent) -> str:
    share = f"{spent.clock / whole.clock:.2f} of the seconds, {spent.processor / whole.processor:.2f} of the CPU s"
    return f"| {what} | {records:,} | {pairs:,} | {spent.clock:.1f} | {spent.processor:.1f} | {share} |"


def _differing(one: Linkage, other: Linkage) -> int:
    """Records whose person is not the same set of records in both."""
    persons = [
        linkage.profiles.members.join(linkage.clusters.assignment, on="profile").select(*RECORD, "cluster")
        for linkage in (one, other)
    ]
    both = persons[0].join(persons[1], on=RECORD, suffix="_other")
    met = both.select("cluster", "cluster_other").unique()
    parted = met.filter(pl.col("cluster").is_duplicated() | pl.col("cluster_other").is_duplicated())
    return both.join(parted, on=["cluster", "cluster_other"], how="semi").height


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
