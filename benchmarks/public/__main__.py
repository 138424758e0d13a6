"""Mimamori's linkage on published data sets, beside the recipes other projects publish for them.

    pip install --require-hashes -r benchmarks/requirements.lock
    python -m benchmarks.public [--data febrl4 febrl3 pseudopeople] [--linkage mimamori splink recordlinkage]

Prints a table and writes it to `benchmarks/results/public.md`, `public.json` and `public.svg`. Each contender runs in a
process of its own; this one holds no data. With a choice of contenders, the figures of the others are kept as they are.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.linkage import RESULTS, ROOT, machine
from benchmarks.public.cases import CASES, CONTENDERS, TITLES, Case
from benchmarks.public.page import HEADER, as_markdown, page
from benchmarks.public.plot import draw


def main() -> None:
    """Run the benchmark."""
    options = _options()
    kept = _kept(options.out / "public.json", options.data, options.linkage)
    print(HEADER)
    rows = []
    for case in CASES:
        if case.data in options.data:
            for row in run_case(case, options.linkage):
                print(as_markdown(row), flush=True)
                rows.append(row)
                write(options.out, kept + rows)
    print(f"\n{options.out / 'public.md'}")


def run_case(case: Case, contenders: list[str]) -> Iterator[dict[str, Any]]:
    """Make one data set and give each contender's figures on it."""
    with tempfile.TemporaryDirectory() as folder:
        _step("make", case.data, folder)
        for contender in contenders:
            _step(contender, case.data, folder, "with" if case.with_number else "without")
            figures = json.loads((Path(folder) / f"{contender}.json").read_text(encoding="utf-8"))
            yield {"case": case.title, "linkage": contender, "machine": machine()} | figures


def write(out: Path, rows: list[dict[str, Any]]) -> None:
    """Write the rows so far, in the order of the cases and contenders, so that a run that is stopped leaves them."""
    order = [(case.title, contender) for case in CASES for contender in CONTENDERS]
    rows = sorted(rows, key=lambda row: order.index((row["case"], row["linkage"])))
    out.mkdir(parents=True, exist_ok=True)
    (out / "public.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    (out / "public.md").write_text(page(rows), encoding="utf-8")
    draw(rows, out / "public.svg")


def _kept(path: Path, data: list[str], contenders: list[str]) -> list[dict[str, Any]]:
    """Rows of an earlier run that this one does not measure."""
    if not path.exists():
        return []
    measured = {(case.title, contender) for case in CASES if case.data in data for contender in contenders}
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return [row for row in rows if (row["case"], row["linkage"]) not in measured]


def _step(*arguments: str) -> None:
    """Run one step of `benchmarks.public.step` in a process of its own; its output shows only if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.public.step", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"benchmarks.public.step {' '.join(arguments)} failed:\n{done.stderr}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.public", description=str(__doc__).splitlines()[0])
    parser.add_argument("--data", nargs="+", default=list(TITLES), choices=list(TITLES))
    parser.add_argument("--linkage", nargs="+", default=list(CONTENDERS), choices=list(CONTENDERS))
    parser.add_argument("--out", type=Path, default=RESULTS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
