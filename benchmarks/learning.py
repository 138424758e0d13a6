"""What 300 outcomes recorded by a team are worth: the label-free list, the scorecard learnt from them, and a ceiling.

    python -m benchmarks.learning [--children 8000] [--profile typical hard] [--seed 11 12 13] [--labels 300]
                                  [--keep DIR]

Each city is made with faint onsets, delivered to files, and linked by the installed command, as in any run. A team
looks at the lists of the years before 2021 (`benchmarks.team`); judged are the lists of 2 % of the children of 2021 to
2025. The ceiling is told the truth of every child-year before 2021 (gradient boosting). With `--keep`, cities and runs
stay in DIR and are used again. Prints the table and writes it to `benchmarks/results/learning.md`.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.linkage import RESULTS
from benchmarks.team import CAPACITY, Town, outcomes, town
from evaluation.clusters import child_sizes, contingency, majority
from evaluation.rate import Rate
from indicators.comparison import auc
from indicators.rules import load_rules
from indicators.score import Scores, score_changes
from indicators.training import labels_of, train
from vocabulary.frames import KEY, TRUTH_RECORDS

Floats = NDArray[np.float64]

COMMAND = Path(sys.executable).parent / "mimamori"
YEARS, FIRST_JUDGED, LAST = "2014-2025", 2021, 2025
NAMES = {"label_free": "without labels", "trained": "scorecard, {labels} labels", "ceiling": "all truth, boosting"}

APPROVAL = """\
id = "benchmark"
title = "benchmark"
authority = "nobody"
legal_basis = "synthetic records"
decided_on = 2020-04-01
valid_from = 2020-04-01
valid_until = 2099-03-31
purpose = "benchmark"
retention_days = 1
extract_retention_days = 1
recipients = ["benchmark"]
[sources]
welfare = ["*"]
school = ["*"]
health = ["*"]
"""

HEADER = (
    "| profile | seed | list by | listed | precision (95 %) | AUC | mean probability on the list |\n" + "|---" * 7 + "|"
)


def main() -> None:
    """Run the benchmark."""
    options = _options()
    lines = [HEADER]
    print(HEADER)
    with tempfile.TemporaryDirectory() as temporary:
        for profile in options.profile:
            for seed in options.seed:
                folder = (options.keep or Path(temporary)) / f"{profile}-{options.children}-{seed}"
                if not (folder / "out").is_dir():
                    make_run(folder, profile, options.children, seed)
                for line in judge(folder, profile, seed, options.labels):
                    print(line, flush=True)
                    lines.append(line)
    about = (
        f"Faint onsets, {options.children:,} children, {YEARS}; lists of {CAPACITY:.0%} of each year's children, "
        f"{FIRST_JUDGED}-{LAST}; {options.labels} labels of the years before. Linked as in a run.\n"
    )
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "learning.md").write_text("# Learning from a team\n\n" + about + "\n" + "\n".join(lines) + "\n")


def make_run(folder: Path, profile: str, children: int, seed: int) -> None:
    """Make a city, run on it and export what the run found."""
    workspace = folder / "workspace"
    folder.mkdir(parents=True)
    (folder / "approval.toml").write_text(APPROVAL)
    of_city = ("--children", children, "--seed", seed, "--profile", profile, "--onsets", "faint", "--years", YEARS)
    _command("synth", folder / "city", *of_city)
    _command("init", "--workspace", workspace)
    _command("approvals", "add", folder / "approval.toml", "--workspace", workspace)
    made = _command(
        "run", "--approval", "benchmark", "--delivery", folder / "city" / "delivery", "--workspace", workspace
    )
    _command("export", made.splitlines()[-1], "--out", folder / "out", "--workspace", workspace)


def _command(*arguments: object) -> str:
    done = subprocess.run([COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"mimamori {arguments[0]} failed:\n{done.stderr}")
    return done.stdout


def judge(folder: Path, profile: str, seed: int, labels: int) -> Iterator[str]:
    """A line for each list of one city."""
    persons, indicators, links = (
        pl.read_parquet(folder / "out" / f"{name}.parquet") for name in ("persons", "indicators", "links")
    )
    records = pl.read_csv(folder / "city" / "truth" / "records.csv", schema_overrides=dict(TRUTH_RECORDS))
    shocks = pl.read_csv(folder / "city" / "truth" / "shocks.csv", columns=["child", "year"])
    matched = links.join(records.select(list(TRUTH_RECORDS)), on=[*KEY])
    rules = load_rules()
    scores = score_changes(indicators, rules)
    here = town(scores.table, persons, majority(contingency(matched, child_sizes(matched))), shocks)
    free = scores.table["statistic"].to_numpy()
    recorded = outcomes(here, free, before=FIRST_JUDGED, labels=labels, seed=seed)
    domains = [rules.indicators[name].domain for name in scores.names]
    scorecard = train(scores, labels_of(scores, recorded), domains)
    points = scorecard.terms(scores.names, scores.surprises).sum(axis=1)
    most = ceiling(scores, here)
    probability = {"label_free": scores.table["score"].to_numpy(), "trained": scorecard.probability(points)}
    for name, order in (("label_free", free), ("trained", points), ("ceiling", most)):
        told = NAMES[name].format(labels=recorded.height)
        yield _line(f"| {profile} | {seed} | {told} |", here, order, probability.get(name, most))


def ceiling(scores: Scores, here: Town) -> Floats:
    """Probability by gradient boosting on the surprises, told the truth of every child-year before those judged."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    before = here.of_years(0, FIRST_JUDGED - 1)
    known = np.isfinite(scores.surprises[before]).any(axis=0)  # scikit-learn refuses a column without any value
    seen = scores.surprises[:, known]
    model = HistGradientBoostingClassifier(max_iter=200, learning_rate=0.05, max_leaf_nodes=8, random_state=1)
    model.fit(seen[before], here.hardship[before])
    return np.asarray(model.predict_proba(seen)[:, 1])


def _line(begin: str, here: Town, order: Floats, probability: Floats) -> str:
    judged = here.of_years(FIRST_JUDGED, LAST)
    listed = here.listed(order) & judged
    rate = Rate.counted(int(here.hardship[listed].sum()), int(listed.sum()))
    return (
        f"{begin} {rate.of} | {rate.value:.3f} ({rate.low:.2f}-{rate.high:.2f}) "
        f"| {auc(order[judged], here.hardship[judged]):.3f} | {probability[listed].mean():.2f} |"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--children", type=int, default=8000)
    parser.add_argument("--profile", nargs="+", default=["typical", "hard"])
    parser.add_argument("--seed", type=int, nargs="+", default=[11, 12, 13])
    parser.add_argument("--labels", type=int, default=300)
    parser.add_argument("--keep", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
