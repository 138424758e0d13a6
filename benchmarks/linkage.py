"""Mimamori's linkage against Splink deduplications of the same rows: quality, time and memory in one table.

    python -m benchmarks.linkage [--children 5000 25000] [--profile typical hard] [--years 18] [--dates 1] [--seed 1]
    python -m benchmarks.linkage --children 5000 25000 250000 --years 12 --dates 2 --recipe-up-to 5000 --name scale

Prints the table and writes it to `benchmarks/results/` as Markdown and JSON, with a plot of the time per record.
This process holds no data, because what a parent holds would count in its children's peak memory.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
ROOT = Path(__file__).parent.parent
CONTENDERS = {
    "mimamori": "Mimamori",
    "plain": "Splink plain",
    "splink": "Splink tuned",
    "recipe": "Splink recipe",
}
PROFILES = ("clean", "typical", "hard", "extreme")
PACKAGES = ("splink", "duckdb", "polars")

HEADER = (
    "| children | profile | records | linkage | precision | recall | F1 | B-cubed F1 | children exact "
    "| mixed persons | split children | seconds | CPU s | peak MB |\n" + "|" + "---|" * 14
)


def main() -> None:
    """Run the benchmark."""
    options = _options()
    facts = machine()
    cases = [(children, profile) for profile in options.profile for children in options.children]
    print(HEADER)
    rows = []
    for children, profile in cases:
        for row in run_case(children, profile, options):
            print(as_markdown(row), flush=True)
            rows.append(row)
            write(options.out, options.name, rows, facts)
    print(f"\n{options.out / options.name}.md")


def write(out: Path, name: str, rows: list[dict[str, Any]], facts: dict[str, Any]) -> None:
    """Write the rows so far, so that a run that is stopped leaves what it measured."""
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{name}.json").write_text(json.dumps({"machine": facts, "rows": rows}, indent=2) + "\n")
    (out / f"{name}.svg").write_text(plot(rows), encoding="utf-8")
    (out / f"{name}.md").write_text(page(name, rows, facts, sys.argv[1:]), encoding="utf-8")


def plot(rows: list[dict[str, Any]]) -> str:
    """Draw the time per record and the peak of memory against the number of records, as SVG."""
    import altair as alt
    import vl_convert

    points = [
        {
            "records": row["records"],
            "linkage": f"{CONTENDERS[row['linkage']]}, {row['profile']}",
            "microseconds": 1e6 * row["seconds"] / row["records"],
            "gigabytes": row["peak_mb"] / 1024,
        }
        for row in rows
    ]
    base = alt.Chart(alt.Data(values=points)).encode(
        x=alt.X("records:Q", scale=alt.Scale(type="log"), title="records", axis=alt.Axis(format="~s")),
        color=alt.Color("linkage:N", title=None),
        shape=alt.Shape("linkage:N", legend=None),
    )
    charts = [
        base.mark_line(point=alt.OverlayMarkDef(size=60, filled=True))
        .encode(y=alt.Y(f"{column}:Q", title=title, scale=alt.Scale(type="log")))
        .properties(width=320, height=240)
        for column, title in (("microseconds", "microseconds per record"), ("gigabytes", "peak memory, GB"))
    ]
    return str(vl_convert.vegalite_to_svg(alt.hconcat(*charts).to_dict()))


def run_case(children: int, profile: str, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Make one city and give each contender's figures on it."""
    city = {"children": children, "profile": profile, "seed": options.seed}
    with tempfile.TemporaryDirectory() as folder:
        _step("city", folder, *map(str, (*city.values(), options.years, options.dates)))
        most = {"splink": options.peer_up_to, "plain": options.peer_up_to, "recipe": options.recipe_up_to}
        for contender in (name for name in CONTENDERS if children <= most.get(name, children)):
            _step(contender, folder)
            figures = json.loads((Path(folder) / f"{contender}.json").read_text(encoding="utf-8"))
            yield city | {"years": options.years, "dates": options.dates, "linkage": contender} | figures


def _step(*arguments: str) -> None:
    """Run one step of `benchmarks.steps` in a process of its own; its output shows only if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.steps", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"benchmarks.steps {arguments[0]} failed:\n{done.stderr}")


def as_markdown(row: dict[str, Any]) -> str:
    """Write one row of the table."""
    cells = [
        f"{row['children']:,}",
        row["profile"],
        f"{row['records']:,}",
        CONTENDERS[row["linkage"]],
        *(f"{row[figure]:.5f}" for figure in ("precision", "recall", "f1", "bcubed_f1")),
        f"{row['exact_recall']:.2%}",
        f"{row['mixed_persons']:,}",
        f"{row['split_children']:,}",
        f"{row['seconds']:.1f}",
        f"{row['processor_seconds']:.1f}",
        f"{row['peak_mb']:,}",
    ]
    return f"| {' | '.join(cells)} |"


def machine() -> dict[str, Any]:
    """Describe where the figures were made: date, commit, cores, what else they did, memory and versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": date.today().isoformat(),
        "commit": _commit(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "memory_gb": round(memory),
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


def _commit() -> str:
    """Commit that is checked out, with `-dirty` where files differ from it."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude=*"],  # noqa: S607 the git of the path
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or "unknown"


def page(name: str, rows: list[dict[str, Any]], machine: dict[str, Any], arguments: list[str]) -> str:
    """Write the results page."""
    facts = ", ".join(f"{name} {value}" for name, value in machine.items())
    thresholds = ", ".join(
        f"{row['threshold']} ({CONTENDERS[row['linkage']]}, {row['children']:,} {row['profile']})"
        for row in rows
        if "threshold" in row
    )
    return "\n".join(
        [
            "# Linkage against Splink deduplications",
            "",
            f"`{' '.join(['python -m benchmarks.linkage', *arguments])}` · {facts}.",
            "",
            "All link the same standardised rows of a synthetic city, each in a process of its own. Precision, recall",
            "and F1 are over pairs of records. Splink is clustered at the match weight that does best on the truth:",
            f"{thresholds}.",
            "Splink plain follows Splink's documentation and its defaults (`benchmarks/splink_plain.py`). Splink tuned",
            "is set up for these rows by hand (`benchmarks/splink_dedupe.py`). Splink recipe is the model for persons",
            "that Splink publishes (`benchmarks/splink_recipe.py`). Seconds by the clock depend on what else the",
            "machine does; CPU s are of processor time in all threads.",
            "",
            HEADER,
            *(as_markdown(row) for row in rows),
            "",
            f"![Time per record and peak memory by the number of records]({name}.svg)",
            "",
        ]
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.linkage", description=__doc__.splitlines()[0])
    parser.add_argument("--children", type=int, nargs="+", default=[5000, 25000])
    parser.add_argument("--profile", nargs="+", default=["typical", "hard"], choices=PROFILES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--years", type=int, default=18, help="fiscal years of the city, the last ones")
    parser.add_argument("--dates", type=int, default=1, choices=(1, 2, 12), help="reference dates a year")
    parser.add_argument(
        "--peer-up-to", type=int, default=25_000, help="children up to which Splink plain and tuned run"
    )
    parser.add_argument("--recipe-up-to", type=int, default=0, help="children up to which Splink's recipe runs")
    parser.add_argument("--name", default="linkage", help="of the files of results")
    parser.add_argument("--out", type=Path, default=RESULTS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
