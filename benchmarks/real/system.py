"""The system itself, by its own commands: a workspace with a data set's source specification, rules and approval."""

import os
import subprocess
import sys
from pathlib import Path

import polars as pl

from benchmarks.real.cases import Case

HERE = Path(__file__).parent


LONG = 0.2
"""Share of the persons asked for, to be cut afterwards: the order of the list is the same at any capacity."""


def listed(case: Case, folder: Path) -> pl.DataFrame:
    """Run the system on `folder/delivery`; who is listed when, and in which place: `person, as_of, rank`.

    The files of `benchmarks/real/<case>/` are put into a workspace as a city would put them: nothing else is told.
    """
    workspace, export = folder / "workspace", folder / "export"
    own = HERE / case.name
    (workspace / "sources").mkdir(parents=True)
    for file, place in (("source.toml", f"sources/{case.name}.toml"), ("indicators.toml", "indicators.toml")):
        (workspace / place).write_bytes((own / file).read_bytes())
    _mimamori("init", "--workspace", workspace)
    _mimamori("approvals", "add", own / "approval.toml", "--workspace", workspace)
    said = _mimamori(
        "run", "--approval", case.name, "--delivery", folder / "delivery", "--capacity", LONG, "--workspace", workspace
    )
    _mimamori("export", said.splitlines()[-1], "--out", export, "--workspace", workspace)
    flags = pl.read_parquet(export / "flags.parquet").select("person_id", "year", "rank")
    links = pl.read_parquet(export / "links.parquet").select("person_id", "local_id", "as_of")
    fiscal = pl.col("as_of").dt.year() - (pl.col("as_of").dt.month() < 4).cast(pl.Int32)
    named = links.with_columns(fiscal.cast(pl.Int32).alias("year"))
    return flags.join(named, on=["person_id", "year"]).select(pl.col("local_id").alias("person"), "as_of", "rank")


def _mimamori(*arguments: object) -> str:
    """Run a command; what it printed. Stops with its message where it fails."""
    command = [str(Path(sys.executable).with_name("mimamori")), *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"MIMAMORI_LANG": "en"}
    )
    if done.returncode:
        sys.exit(f"mimamori {' '.join(map(str, arguments))}\n{done.stderr}")
    return done.stdout
