"""The files of a data set: what a contender may read, and the truth it may not.

    FOLDER/delivery/<file>.csv        the rows as published, and `record`, a number that says nothing of the person
    FOLDER/truth.parquet              `source`, `record`, `person`, `child`: whose row it is, and whether a child's

Rows are shuffled, because published files often stand in the order of the persons.
"""

from pathlib import Path
from zlib import crc32

import polars as pl

TRUTH = pl.Schema({"source": pl.String, "record": pl.String, "person": pl.String, "child": pl.Boolean})


def write_file(folder: Path, rows: pl.DataFrame, *, source: str, file: str = "") -> pl.DataFrame:
    """Write one file of a source and give its truth.

    Parameters
    ----------
    folder
        The folder of the data set.
    rows
        The columns as published, all String, and `person`, `child` of the truth.
    source, file
        Name of the source, and of its file where it has several.

    Returns
    -------
    pl.DataFrame
        Schema TRUTH.
    """
    shuffled = rows.sample(fraction=1.0, shuffle=True, seed=crc32((file or source).encode())).with_row_index("place")
    numbered = shuffled.with_columns(record=pl.format("{}{}", pl.lit(f"{file}-" if file else ""), "place"))
    path = folder / "delivery" / source / f"{file or source}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    numbered.select("record", pl.exclude("record", "place", "person", "child")).write_csv(path)
    return numbered.select(pl.lit(source).alias("source"), "record", "person", "child").cast(TRUTH)


def read_files(folder: Path) -> dict[str, pl.DataFrame]:
    """The delivered files by name, all columns String, with `source`."""
    paths = sorted((folder / "delivery").glob("*/*.csv"))
    return {
        path.stem: pl.read_csv(path, infer_schema=False).with_columns(source=pl.lit(path.parent.name)) for path in paths
    }


def read_truth(folder: Path) -> pl.DataFrame:
    """The truth (TRUTH)."""
    return pl.read_parquet(folder / "truth.parquet")
