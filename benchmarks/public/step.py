"""One step of the benchmark on published data, as a process of its own so that time and memory are its own.

    python -m benchmarks.public.step make DATA FOLDER
    python -m benchmarks.public.step CONTENDER DATA FOLDER with|without

`make` leaves the files of a data set in FOLDER. A contender links them and leaves its figures there as
`<contender>.json`. Seconds, by the clock and of processor time, run from reading the files to the finished groups,
without importing libraries.
"""

import json
import sys
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.public.cases import MAKERS, RUNS, load
from benchmarks.public.files import read_truth
from benchmarks.public.judge import Option, best, figures


def run(contender: str, data: str, folder: Path, *, with_number: bool) -> dict[str, Any]:
    """Link a data set and hold what does best against the truth; of Mimamori the default, and that as `best`."""
    truth = read_truth(folder)
    options = list(load(RUNS[contender])(folder, data, with_number=with_number))
    found = _row(best(options, truth), truth)
    return _row(options[0], truth) | {"best": found} if contender == "mimamori" else found


def _row(option: Option, truth: pl.DataFrame) -> dict[str, Any]:
    return figures(option.groups, truth) | {
        "option": option.name,
        "seconds": round(option.spent.clock, 2),
        "processor_seconds": round(option.spent.processor, 2),
        "peak_mb": round(option.peak_mb),
    }


def main(step: str, data: str, folder: str, number: str = "without") -> None:
    """Run one step."""
    where = Path(folder)
    if step == "make":
        load(MAKERS[data])(where)
    else:
        row = run(step, data, where, with_number=number == "with")
        (where / f"{step}.json").write_text(json.dumps(row), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
