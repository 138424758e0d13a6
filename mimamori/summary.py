"""What an operator reads of a run: rows, what was set aside and why, notices, what the run holds. Lines and data."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vocabulary.texts import text

if TYPE_CHECKING:
    from linkage.delivery import Delivery, Notice
    from mimamori.pipeline import Completed

TOGETHER = {
    "delivery.lost_characters": "output.files_lost_characters",
    "delivery.birth_date_blanked": "output.files_birth_date_blanked",
    "delivery.my_number_blanked": "output.files_my_number_blanked",
    "delivery.unreadable_blanked": "output.files_unreadable_blanked",
    "delivery.headers_unknown": "output.files_headers_unknown",
    "delivery.no_rows": "output.files_no_rows",
}
"""What several files of a source tell in one line, for each notice that a file can give."""


def described(completed: "Completed") -> dict[str, Any]:
    """The manifest as JSON, with what was set aside by rule and the notices."""
    return completed.manifest.model_dump(mode="json") | {
        "set_aside": _set_aside(completed.delivery),
        "not_delivered": list(completed.absent),
        "notices": notice_lines(completed.delivery),
    }


def summary_lines(completed: "Completed") -> list[str]:
    """Counts of a run, a line each."""
    manifest = completed.manifest
    lines = [
        text("output.rows", source=source, delivered=delivered, accepted=accepted, set_aside=set_aside)
        for source, delivered, accepted, set_aside in _rows(completed)
    ]
    for group in _set_aside(completed.delivery):
        values: dict[str, Any] = group | {
            "column": group["column"] or "-",
            "meaning": _meaning(group["rule"]),
        }
        lines.append(text("output.rejected", **values))
    if completed.delivery.rejects.height:
        lines.append(text("output.rejects_where", run=manifest.run))
    if manifest.left_out:
        lines.append(text("output.left_out", sources=", ".join(manifest.left_out)))
    if completed.absent:
        lines.append(text("output.absent", sources=", ".join(completed.absent)))
    if "population" in manifest.counts:
        within = manifest.counts["population"]["within"]
        outside = sum(manifest.counts["population"].values()) - within
        lines.append(text("output.population", within=within, outside=outside))
    if completed.after_as_of:
        lines.append(text("output.after_as_of", as_of=manifest.as_of, rows=completed.after_as_of))
    link, flags = manifest.counts["link"], manifest.counts["flags"]
    counts: dict[str, Any] = {
        "persons": link["persons"],
        "records": link["records"],
        "flags": flags["shown"],
        "held": flags["held"],
    }
    linked: dict[str, Any] = {name: link[name] for name in ("newly_linked", "merged", "split")}
    model = manifest.parameters["linkage_model"]
    how = "output.model_trained" if model["trained"] else "output.model_in_use"
    lines.append(text("output.link_summary", **linked, model=text(how, version=model["version"])))
    return [*lines, text("output.run_summary", **counts)]


def notice_lines(delivery: "Delivery") -> list[str]:
    """The notices of a delivery: one a source and kind where several files gave the same."""
    source_of = {file.name: file.source for file in delivery.files}
    groups: dict[tuple[str, str, str], list[Notice]] = defaultdict(list)
    for notice in delivery.notices:
        source = source_of.get(notice.values.get("file", ""), "")
        what = notice.values.get("headers") or notice.values.get("column", "")
        groups[notice.key, source, what].append(notice)
    return [
        str(notices[0]) if len(notices) == 1 else _together(key, source, notices)
        for (key, source, _), notices in groups.items()
    ]


def _together(key: str, source: str, notices: "Sequence[Notice]") -> str:
    """One line for the notices of one kind that several files of a source gave."""
    values: dict[str, Any] = dict(notices[0].values) | {
        "source": source,
        "files": len(notices),
        "rows": sum(notice.values.get("rows", 0) for notice in notices),
    }
    return text(TOGETHER[key], **values)


def _meaning(rule: str) -> str:
    """What a rule means that rows were set aside under."""
    return text("refusal.rule_my_number") if rule == "my_number" else text(f"delivery.rule_{rule}")


def _rows(completed: "Completed") -> list[tuple[str, int, int, int]]:
    """Source, rows delivered, accepted, set aside."""
    import polars as pl

    files = pl.DataFrame([one.model_dump() for one in completed.manifest.inputs])
    return files.group_by("source").agg(pl.col("delivered", "accepted", "set_aside").sum()).sort("source").rows()


def _set_aside(delivery: "Delivery") -> list[dict[str, Any]]:
    """Rows set aside by source, rule and column, each with the file and line of the first."""
    import polars as pl

    grouped = delivery.rejects.group_by("source", "rule", "column", maintain_order=True)
    return (
        grouped.agg(pl.len().alias("rows"), pl.col("file", "line").first()).sort("source", "rule", "column").to_dicts()
    )
