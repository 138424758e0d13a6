"""What a whole `mimamori run` makes of a city: its timeline, its persons, and the onsets of each of them."""

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from synthetic.city import City, write_city
from vocabulary.frames import PERSONS, RECORD, TIMELINE

APPROVAL = """id = "benchmark"
title = "benchmark"
authority = "benchmark"
legal_basis = "synthetic city"
decided_on = {first}
valid_from = {first}
valid_until = {last}
purpose = "benchmark"
retention_days = 30
extract_retention_days = 30
recipients = ["support_team"]
[sources]
welfare = ["*"]
school = ["*"]
health = ["*"]
"""


def linked_run(city: City, folder: Path) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Run the whole pipeline over a city's delivery, in an empty `folder`.

    Returns
    -------
    Timeline and persons as exported, and `person_id, year` of every onset and the year after it, of the person most of
    whose records are the child's.
    """
    write_city(city, folder)
    approval, workspace, out = folder / "approval.toml", folder / "workspace", folder / "out"
    today = date.today()
    approval.write_text(APPROVAL.format(first=today - timedelta(days=1), last=today + timedelta(days=30)))
    _mimamori("init", "--workspace", workspace)
    _mimamori("approvals", "add", approval, "--workspace", workspace)
    ran = _mimamori(
        "run", "--approval", "benchmark", "--delivery", folder / "delivery", "--workspace", workspace, "--json"
    )
    _mimamori("export", json.loads(ran)["run"], "--out", out, "--workspace", workspace)
    links = pl.read_parquet(out / "links.parquet").select(*RECORD, "person_id")
    of_child = (
        links.join(city.truth["records"], on=RECORD)
        .group_by("child", "person_id")
        .len()
        .sort("child", "len", "person_id", descending=[False, True, False])
        .unique("child", keep="first", maintain_order=True)
    )
    onset = city.truth["shocks"].join(of_child, on="child").select("person_id", "year")
    near = pl.concat([onset, onset.with_columns(pl.col("year") + 1)]).unique()
    timeline, persons = (pl.read_parquet(out / f"{name}.parquet") for name in ("timeline", "persons"))
    return timeline.select(list(TIMELINE)), persons.select(list(PERSONS)), near


def _mimamori(*words: object) -> str:
    """What a command of ours prints; its own error where it fails."""
    command = Path(sys.executable).with_name("mimamori")
    done = subprocess.run([command, *map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr or done.stdout)
    return done.stdout
