"""pseudopeople's bundled sample: a simulated American town of about 10,000 inhabitants over twenty-one years.

Decennial censuses of 2020, 2030 and 2040, and WIC (the food programme for women, infants and children) of every year
from 2019 to 2041, with the package's default noise: typing slips, nicknames, blanks, swapped days and months, rows left
out, rows doubled with a guardian's. People marry, move, are born and die. Truth is the `simulant_id`.
(Haddock et al. 2024, "Simulated data for census-scale entity resolution research", IHME.)
"""

from collections.abc import Callable
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl
import pseudopeople  # type: ignore[import-not-found]

from benchmarks.public.files import write_file

SEED = 1
OLDEST_CHILD = 18
"""Age in the year of the row up to which a row counts as a child's."""

LAST_DAY = date(2042, 1, 1)
"""The day of the processing: the simulated rows lie in the future."""

TRUTH_COLUMNS = ("simulant_id", "household_id")

_FORMS: dict[str, tuple[Callable[..., Any], str, str]] = {
    "census": (pseudopeople.generate_decennial_census, "decennial_census", "04-01"),
    "wic": (pseudopeople.generate_women_infants_and_children, "women_infants_and_children", "12-31"),
}
"""Source → its generator, the folder of its data in the package, and the day of the year its rows are of."""


def make_pseudopeople(folder: Path) -> None:
    """Write one file per source and year, and the truth, to `folder`."""
    born = _birth_years()
    truths = []
    for source, (generate, _, day) in _FORMS.items():
        rows = _strings(generate(year=None, seed=SEED, verbose=False))
        rows = (
            rows.join(born, on="simulant_id", how="left", maintain_order="left")
            .with_columns(
                person=pl.col("simulant_id"),
                child=pl.col("year").cast(pl.Int32) - pl.col("born") <= OLDEST_CHILD,
                reference_date=pl.format("{}-{}", "year", pl.lit(day)),
            )
            .drop(*TRUTH_COLUMNS, "born")
        )
        truths += [
            write_file(folder, part, source=source, file=f"{source}_{year}")
            for (year,), part in rows.sort("year").partition_by("year", as_dict=True, maintain_order=True).items()
        ]
    pl.concat(truths).write_parquet(folder / "truth.parquet")


def _birth_years() -> pl.DataFrame:
    """Year of birth of each simulant before noise: `simulant_id`, `born`."""
    data = Path(str(files("pseudopeople"))) / "data" / "sample_datasets"
    clean = [
        pl.read_parquet(data / name / f"{name}.parquet", columns=["simulant_id", "date_of_birth"]).select(
            pl.col("simulant_id").cast(pl.String), born=pl.col("date_of_birth").cast(pl.Datetime).dt.year()
        )
        for _, name, _ in _FORMS.values()
    ]
    return pl.concat(clean).unique("simulant_id", keep="first", maintain_order=True)


def _strings(frame: Any) -> pl.DataFrame:
    """A pandas frame with every column as text and blanks as null."""
    return pl.from_pandas(frame.astype(object).where(frame.notna(), None).astype("string")).cast(pl.String)
