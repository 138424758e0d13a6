"""Notes beside the changes: in their order, each said once, none of them adding to the score."""

from datetime import date

import polars as pl
import pytest

from indicators.compute import compute_indicators
from indicators.notes import SURE, link_entry, missing_entry, notes, partial_entry
from indicators.presence import presence
from indicators.rules import load_rules
from tests.unit.indicators.tables import persons, timeline
from vocabulary.source import Titled, load_sources

RULES = load_rules()
CHILDREN = [f"p{at}" for at in range(30)]
SPRING, AUTUMN = (4, 1), (10, 1)
TITLES = {"school": Titled(ja="学校", en="School")}


def told_of(*, leave_out: set[tuple[str, str, date]], confidence: float = 1.0) -> list[dict[str, object]]:
    """Notes on p0 in 2023: two records a year from school and welfare but for those left out."""
    days = [date(year, *day) for year in (2021, 2022, 2023) for day in (SPRING, AUTUMN)]
    items = {"school": "days_absent", "welfare": "tax_exempt"}
    rows = [
        (child, day, source, item, 1)
        for child in CHILDREN
        for day in days
        for source, item in items.items()
        if (child, source, day) not in leave_out
    ]
    rows += [
        (child, day, "school", "score_math", 50)
        for child, day, source, _, _ in rows
        if source == "school" and child != "p0"
    ]
    told, known = timeline(rows), persons(CHILDREN, confidence=confidence)
    year = pl.Series("year", [2023], dtype=pl.Int32)
    listed = pl.DataFrame({"person_id": ["p0"]}).with_columns(year)
    changes = listed.with_columns(pl.lit("absence").alias("indicator"))
    found = notes(listed, changes, compute_indicators(told, known, RULES), presence(told), known, RULES, load_sources())
    return found["p0", 2023]


def test_notes_come_in_the_order_in_which_they_are_read():
    left_out = {("p0", "welfare", date(2023, *day)) for day in (SPRING, AUTUMN)} | {
        ("p0", "school", date(2023, *AUTUMN))
    }
    found = told_of(leave_out=left_out, confidence=0.95)
    assert [note["kind"] for note in found] == [
        "missing_source",
        "not_known",
        "partial_year",
        "link_confidence",
        "last_update",
    ]
    assert {note["contribution"] for note in found} == {0.0}
    missing, unknown, partial, _, updates = found
    assert (missing["source"], missing["delivered"], missing["last"]) == ("welfare", True, "2022-10-01")
    assert unknown["indicators"] == ["score_math"]
    assert (partial["records"], partial["usual"], partial["first"], partial["last"]) == (
        1,
        2,
        "2023-04-01",
        "2023-04-01",
    )
    assert updates["sources"] == [{"source": "school", "last": "2023-04-01", "whole": "2023-10-01"}]  # welfare is told


def test_where_all_is_known_only_the_last_update_is_told():
    found = told_of(leave_out=set())
    assert [note["kind"] for note in found] == ["not_known", "last_update"]
    assert found[1]["ja"] == "最新の記録: 学校は2023年10月1日、福祉は2023年10月1日。"
    assert found[1]["en"] == "Latest records: School 2023-10-01; Welfare 2023-10-01."


@pytest.mark.parametrize(("confidence", "said"), [(SURE, False), (SURE - 1e-9, True), (0.5, True)])
def test_a_link_is_told_where_it_is_not_sure(confidence: float, said: bool):
    kinds = [note["kind"] for note in told_of(leave_out=set(), confidence=confidence)]
    assert ("link_confidence" in kinds) == said


@pytest.mark.parametrize(("confidence", "percent"), [(0.9, 90), (0.94, 94), (0.9899, 98), (0.57, 57)])
def test_a_link_is_never_said_to_be_surer_than_it_is(confidence: float, percent: int):
    assert f"約{percent}%" in link_entry({"link_confidence": confidence})["ja"]


@pytest.mark.parametrize(
    ("delivered", "last", "expected"),
    [
        (True, date(2022, 4, 1), "School: no record in fiscal 2023 (the last one is of 2022-04-01)."),
        (True, None, "School: no record in fiscal 2023, nor before."),
        (False, date(2022, 4, 1), "School: the data of fiscal 2023 have not been delivered (this child's last record"),
        (False, None, "have not been delivered, and there is no earlier record of this child."),
    ],
)
def test_what_is_missing_is_said_with_what_there_was(delivered: bool, last: date | None, expected: str):
    row = {"source": "school", "year": 2023, "delivered": delivered, "last": last}
    assert expected in missing_entry(row, TITLES)["en"]


def test_days_are_said_to_be_as_for_a_whole_year_where_there_are_any():
    row = {
        "source": "school",
        "year": 2023,
        "records": 1,
        "usual": 2,
        "first": date(2023, 4, 1),
        "last": date(2023, 4, 1),
    }
    assert "for a whole year" in partial_entry(row | {"rate": True}, TITLES)["en"]
    assert "for a whole year" not in partial_entry(row | {"rate": False}, TITLES)["en"]
