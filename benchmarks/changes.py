"""Precision of the unlabelled list, beside published rules on the same indicators, where the onsets are known.

    python -m benchmarks.changes [--seeds 11 12 13] [--children 8000] [--linked]

Scenes: 22,000 histories of two test scores of which 2 % fall by .8 SD in both subjects, or in one; and cities with
faint onsets, every record truly linked, or with `--linked` also with the links of a whole `mimamori run` (minutes a
city). Lists hold 2 % of the children seen in a year; in a city a child counts as found in the year of an onset or the
year after. Prints the table and writes it to `benchmarks/results/changes.md`.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.histories import score_histories
from benchmarks.linkage import RESULTS
from benchmarks.runs import linked_run
from evaluation.panel import Panel, panel
from evaluation.peers import isolation, own_average, reliable_change
from indicators.compute import compute_indicators
from indicators.rules import load_rules
from indicators.score import score_changes
from synthetic.city import build_city
from tests.recovery.flag_scenes import near_onset, true_timeline
from vocabulary.fiscal import fiscal_year_of

Floats = NDArray[np.float64]

LIST = 0.02
FIRST_YEAR, LAST_YEAR = 2014, 2025
PROFILES = ("typical", "hard")


def raw_difference(of: Panel) -> Floats:
    """Largest change for the worse in standard deviations of that change."""
    spread = np.nanstd(of.change, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        worse = of.worse * of.change / spread
    return np.asarray(np.fmax.reduce(np.where(np.isfinite(worse), worse, np.nan), axis=1, initial=np.nan))


def own_z(of: Panel) -> Floats:
    """Largest distance for the worse from the child's own earlier mean in own standard deviations, three values up."""
    before = np.stack([of.value_before(years) for years in range(1, LAST_YEAR - FIRST_YEAR + 1)])
    known = np.isfinite(before).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(known, np.nansum(before, axis=0) / known, np.nan)
        spread = np.sqrt(np.nansum((before - mean) ** 2, axis=0) / (known - 1))
        z = np.where((known >= 3) & (spread > 0), of.worse * (of.value - mean) / spread, np.nan)
    return np.asarray(np.fmax.reduce(z, axis=1, initial=np.nan))


def by_chance(of: Panel) -> Floats:
    """In an order drawn at random."""
    return np.random.default_rng(1).random(of.rows.height)


PEERS: dict[str, Callable[[Panel], Floats]] = {
    "raw difference": raw_difference,
    "reliable change index": reliable_change,
    "EWMA": own_average,
    "isolation forest": isolation,
    "own z-score": own_z,
    "chance": by_chance,
}


def precision(scored: pl.DataFrame, places: pl.DataFrame, near: pl.DataFrame) -> float:
    """Share of the lists that is near an onset; `scored` has `person_id, year` and the `score` lists are ordered by."""
    listed = (
        scored.filter(pl.col("score").is_not_null())
        .sort("year", "score", "person_id", descending=[False, True, False])
        .with_columns(pl.int_range(pl.len()).over("year").alias("before"))
        .join(places, on="year")
        .filter(pl.col("before") < pl.col("places"))
    )
    return listed.join(near, on=["person_id", "year"], how="semi").height / listed.height


def compare(timeline: pl.DataFrame, persons: pl.DataFrame, near: pl.DataFrame, years: list[int]) -> dict[str, float]:
    """Precision of our list and of each peer's over the lists of `years`."""
    rules = load_rules()
    indicators = compute_indicators(timeline, persons, rules)
    seen = timeline.select("person_id", fiscal_year_of(pl.col("date")).alias("year")).unique()
    places = (
        seen.filter(pl.col("year").is_in(years))
        .group_by("year")
        .agg((pl.len() * LIST).ceil().cast(pl.Int64).alias("places"))
    )
    ours = score_changes(indicators, rules).table.select("person_id", "year", score="statistic")
    found = {"mimamori": precision(ours, places, near)}
    laid = panel(indicators.rename({"person_id": "child"}))
    for name, peer in PEERS.items():
        scored = laid.rows.select(person_id="child", year="year").with_columns(
            pl.Series("score", peer(laid), nan_to_null=True)
        )
        found[name] = precision(scored, places, near)
    return found


def scenes(seeds: list[int], children: int, linked: bool) -> dict[str, dict[str, float]]:
    """Every scene's precisions, the mean over the seeds."""
    found: dict[str, list[dict[str, float]]] = {}
    for seed in seeds:
        for subjects, name in ((2, "scores, both fall"), (1, "scores, one falls")):
            drawn = score_histories(seed, subjects=subjects)
            last = [int(drawn.onsets["year"][0])]
            found.setdefault(name, []).append(compare(drawn.timeline, drawn.persons, drawn.onsets, last))
        for profile in PROFILES:
            city = build_city(children, seed, range(FIRST_YEAR, LAST_YEAR + 1), profile, onsets="faint")
            timeline, persons = true_timeline(city)
            years = list(range(FIRST_YEAR + 1, LAST_YEAR + 1))
            near = near_onset(city.truth["shocks"])
            found.setdefault(f"faint {profile}, true links", []).append(compare(timeline, persons, near, years))
            if linked:
                with tempfile.TemporaryDirectory() as folder:
                    timeline, persons, near = linked_run(city, Path(folder))
                found.setdefault(f"faint {profile}, links of a run", []).append(compare(timeline, persons, near, years))
    return {
        name: {peer: float(np.mean([run[peer] for run in runs])) for peer in runs[0]} for name, runs in found.items()
    }


def table(found: dict[str, dict[str, float]]) -> str:
    """The precisions as a Markdown table."""
    peers = ["mimamori", *PEERS]
    lines = [f"| scene | {' | '.join(peers)} |", "|---" * (len(peers) + 1) + "|"]
    lines += [f"| {name} | {' | '.join(f'{of[peer]:.2f}' for peer in peers)} |" for name, of in found.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.changes")
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13])
    parser.add_argument("--children", type=int, default=8000)
    parser.add_argument("--linked", action="store_true")
    chosen = parser.parse_args()
    written = (
        f"Precision of lists of 2 % of the children; seeds {chosen.seeds}, cities of {chosen.children:,} children.\n\n"
        + table(scenes(chosen.seeds, chosen.children, chosen.linked))
    )
    sys.stdout.write(written)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "changes.md").write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
