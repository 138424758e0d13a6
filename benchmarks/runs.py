"""What a whole `mimamori run` makes of a city, and what it costs.

    python -m benchmarks.runs DELIVERY [DELIVERY …]

runs `mimamori run` on one delivery after another in a workspace of its own, and prints of each run the seconds by the
clock and of processor time, libraries loaded included, and its largest resident set.
"""

import json
import os
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

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
    workspace, out = _workspace(folder), folder / "out"
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


def cost_of_run(workspace: Path, delivery: Path) -> str:
    """What one more run takes of time and memory."""
    begun = perf_counter()
    words = ["run", "--approval", "benchmark", "--delivery", str(delivery), "--workspace", str(workspace)]
    process = subprocess.Popen([_COMMAND, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if status:
        raise RuntimeError(f"mimamori {' '.join(words)}: exit {process.returncode}")
    clock, processor, peak = perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20
    return f"{delivery.name}: {clock:.1f} s, {processor:.1f} s processor, peak {peak:.2f} GiB"


def _workspace(folder: Path) -> Path:
    """A workspace with the approval, in an empty folder."""
    approval, workspace = folder / "approval.toml", folder / "workspace"
    today = date.today()
    approval.write_text(APPROVAL.format(first=today - timedelta(days=1), last=today + timedelta(days=30)))
    _mimamori("init", "--workspace", workspace)
    _mimamori("approvals", "add", approval, "--workspace", workspace)
    return workspace


_COMMAND = Path(sys.executable).with_name("mimamori")


def _mimamori(*words: object) -> str:
    """What a command of ours prints; its own error where it fails."""
    done = subprocess.run([_COMMAND, *map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr or done.stdout)
    return done.stdout


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        opened = _workspace(Path(made))
        for named in sys.argv[1:]:
            print(cost_of_run(opened, Path(named)), flush=True)
