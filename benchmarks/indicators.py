"""Time and memory of indicators, changes and flags: 25,000 children in 18 years, every record truly linked.

    python -m benchmarks.indicators [--children 25000] [--years 18] [--seed 1]

The timeline is made by a process of its own, so that the peak is that of the steps timed. Prints one line for each step
and writes them to `benchmarks/results/indicators.md`.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time

import polars as pl

from benchmarks.linkage import RESULTS
from indicators.compute import compute_indicators
from indicators.flags import raise_flags
from indicators.rules import load_rules

LAST_YEAR = 2025


def make(folder: Path, children: int, years: int, seed: int) -> None:
    """Leave a city's timeline and persons in `folder`."""
    from synthetic.city import build_city  # only the process that makes the city pays for it
    from tests.recovery.flag_scenes import true_timeline

    city = build_city(children, seed, range(LAST_YEAR + 1 - years, LAST_YEAR + 1), "typical")
    for name, frame in zip(("timeline", "persons"), true_timeline(city), strict=True):
        frame.write_parquet(folder / f"{name}.parquet")


def measure(folder: Path) -> str:
    """Run the steps and tell what each took."""
    timeline, persons = (pl.read_parquet(folder / f"{name}.parquet") for name in ("timeline", "persons"))
    rules, lines = load_rules(), []
    clock, processor = perf_counter(), process_time()
    indicators = compute_indicators(timeline, persons, rules)
    lines.append(
        f"indicators and changes: {perf_counter() - clock:.1f} s, {process_time() - processor:.1f} s processor"
    )
    raise_flags(indicators, timeline, persons, rules)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    lines.append(f"with flags: {perf_counter() - clock:.1f} s, {process_time() - processor:.1f} s processor")
    lines.append(f"peak {peak:.2f} GiB, {timeline.height:,} observations, {indicators.height:,} values")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.indicators")
    parser.add_argument("--children", type=int, default=25_000)
    parser.add_argument("--years", type=int, default=18)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.make:
        make(chosen.make, chosen.children, chosen.years, chosen.seed)
        return
    with tempfile.TemporaryDirectory() as folder:
        size = ["--children", str(chosen.children), "--years", str(chosen.years), "--seed", str(chosen.seed)]
        command = [sys.executable, "-m", "benchmarks.indicators", "--make", folder, *size]
        subprocess.run(command, check=True)
        written = f"{chosen.children:,} children, {chosen.years} years.\n\n" + measure(Path(folder))
    sys.stdout.write(written)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "indicators.md").write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
