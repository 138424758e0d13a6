"""Changes put into real histories, and how many of those listed first they are, beside plain rules.

    python -m benchmarks.real --data DIR [--case star egsingle nlswork] [--seeds 1 2 3]

DIR holds the published files (`README.md` says where they come from). Prints a table and writes it to
`benchmarks/results/real.md` and `real.json`.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.linkage import RESULTS
from benchmarks.real.cases import CASES, Case
from benchmarks.real.ceiling import told
from benchmarks.real.deliver import deliver, drops, earlier, histories, lowered
from benchmarks.real.rivals import first, rankings
from benchmarks.real.system import listed
from evaluation.rate import Rate

CAPACITY = 0.02
OURS = "Mimamori"
CEILING = "(told what to look for)"


def main() -> None:
    """Run the benchmark."""
    options = _options()
    results = []
    for name in options.case:
        case = CASES[name]
        for subjects in range(len(case.subjects), 0, -1):
            results.append(measure(case, options.data, subjects, options.seeds))
            print(as_markdown(results[-1]), flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "real.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (options.out / "real.md").write_text(page(results), encoding="utf-8")


def measure(case: Case, data: Path, subjects: int, seeds: list[int]) -> dict[str, Any]:
    """Precision of each way of listing on one data set with drops in `subjects` subjects, pooled over seeds."""
    pooled: dict[str, list[int]] = {}
    dropped_of: list[int] = []
    rows = histories(case, data)
    judged = earlier(case, rows).select("person", "occasion")
    for seed in seeds:
        dropped = drops(case, rows, subjects=subjects, seed=seed)
        truth = dropped.select("person", "occasion").unique()
        dropped_of.append(truth.height)
        for rule, found in _lists(case, lowered(case, rows, dropped), judged, subjects).items():
            hits = found.join(truth, on=["person", "occasion"], how="semi").height
            so_far = pooled.get(rule, [0, 0])
            pooled[rule] = [so_far[0] + hits, so_far[1] + found.height]
    rates = {rule: Rate.counted(hits, of).model_dump() for rule, (hits, of) in pooled.items()}
    return {
        "case": case.name,
        "title": case.title,
        "drop_in": f"{subjects} of {len(case.subjects)}",
        "persons": rows["person"].n_unique(),
        "judged": judged.height,
        "dropped": sum(dropped_of),
        "chance": sum(dropped_of) / len(seeds) / judged.height,
        "seeds": seeds,
        "precision": rates,
    }


def _lists(case: Case, changed: pl.DataFrame, judged: pl.DataFrame, subjects: int) -> dict[str, pl.DataFrame]:
    """Who is listed when, by each way of listing, among the persons with an earlier value."""
    with tempfile.TemporaryDirectory() as folder:
        deliver(case, changed, Path(folder) / "delivery")
        ours = listed(case, Path(folder))
    days = changed.select(pl.col("as_of").str.to_date(), "occasion").unique()
    scores = {OURS: ours.join(days, on="as_of").select("person", "occasion", -pl.col("rank").alias("score"))}
    places = judged.group_by("occasion").agg((pl.len() * CAPACITY).ceil().cast(pl.Int64).alias("places"))
    scores |= rankings(case, changed) | {CEILING: told(case, changed, subjects)}
    return {
        rule: first(score.join(judged, on=["person", "occasion"], how="semi"), places) for rule, score in scores.items()
    }


def as_markdown(result: dict[str, Any]) -> str:
    """One data set's line of every way of listing, the best first."""
    lines = [f"\n## {result['title']}: drop in {result['drop_in']}\n"]
    lines += [
        f"{result['persons']:,} persons, {result['judged']:,} occasions with an earlier value, {result['dropped']:,} "
        f"drops in {len(result['seeds'])} draw(s); chance {result['chance']:.3f}.\n",
        "| list | precision | 95 % interval | listed |",
        "|---|---|---|---|",
    ]
    for rule, rate in sorted(result["precision"].items(), key=lambda item: -(item[1]["value"] or 0)):
        name = f"**{rule}**" if rule == OURS else rule
        lines.append(f"| {name} | {rate['value']:.3f} | {rate['low']:.3f}–{rate['high']:.3f} | {rate['of']:,} |")
    return "\n".join(lines)


def page(results: list[dict[str, Any]]) -> str:
    """The page of all results."""
    head = (
        "# Drops put into real histories\n\n"
        "`python -m benchmarks.real --data DIR`. In each year 2 % of the persons with an earlier value drop by 0.8 "
        "standard deviations of the year's values; each list holds 2 % of them. What the histories show of their own "
        "counts as no hit. How it is measured: [`benchmarks/real/README.md`](../real/README.md).\n"
    )
    return head + "\n".join(map(as_markdown, results)) + "\n"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real", description=str(__doc__).splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--case", nargs="+", default=list(CASES), choices=list(CASES))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--out", type=Path, default=RESULTS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
