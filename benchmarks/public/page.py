"""The results page of the benchmark on published data."""

from typing import Any

from benchmarks.public.cases import CONTENDERS

HEADER = (
    "| data | linkage | precision | recall | F1 | F1 children | B-cubed F1 | persons exact | mixed groups "
    "| split persons | seconds | CPU s | peak MB |\n" + "|" + "---|" * 13
)


def as_markdown(row: dict[str, Any]) -> str:
    """Write the row of the table, and a second one for the best threshold of a contender shown at its default."""
    name = CONTENDERS[row["linkage"]]
    shown = [_line(row, name)]
    if "best" in row:
        shown.append(_line({"case": row["case"]} | row["best"], f"{name}, best threshold*"))
    return "\n".join(shown)


def _line(row: dict[str, Any], name: str) -> str:
    children = row.get("children")
    cells = [
        row["case"],
        name,
        *(f"{row[figure]:.4f}" for figure in ("precision", "recall", "f1")),
        f"{children['f1']:.4f}" if children else "–",
        f"{row['bcubed_f1']:.4f}",
        f"{row['exact_recall']:.2%}",
        f"{row['mixed_groups']:,}",
        f"{row['split_persons']:,}",
        f"{row['seconds']:.1f}",
        f"{row['processor_seconds']:.1f}",
        f"{row['peak_mb']:,}",
    ]
    return f"| {' | '.join(cells)} |"


def page(rows: list[dict[str, Any]]) -> str:
    """Write the page."""
    return "\n".join(
        [
            "# Linkage on published data sets",
            "",
            "`python -m benchmarks.public`, each contender in a process of its own. Precision, recall and F1 are over",
            "pairs of rows, found and true; a row left out counts as not found. Mimamori runs at its defaults, from",
            "source specifications alone (`benchmarks/public/sources`). The peers run the recipes their own projects",
            "publish, and of their thresholds and groupings the one that does best **on the truth** is shown, which a",
            "real user could not know. Seconds by the clock depend on what else the machine does.",
            "",
            "\\* The same pairs grouped at the threshold that does best on the truth, as the peers are shown.",
            "",
            HEADER,
            *(as_markdown(row) for row in rows),
            "",
            "![F1 of each linkage on each data set](public.svg)",
            "",
            "What was shown of each, and where it was measured:",
            "",
            *(f"- {row['case']}, {CONTENDERS[row['linkage']]}: {_options(row)}; {_facts(row)}" for row in rows),
            "",
        ]
    )


def _options(row: dict[str, Any]) -> str:
    return f"{row['option']}, best {row['best']['option']}" if "best" in row else str(row["option"])


def _facts(row: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in row["machine"].items())
