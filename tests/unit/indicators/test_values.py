from datetime import date

import polars as pl
import pytest

from indicators.rules import load_rules
from indicators.values import VALUES, form_values
from tests.unit.indicators.tables import april, persons, timeline

RULES = load_rules()


def value_of(indicator: str, *rows: tuple[date, str, object]) -> dict[int, float]:
    """Values by year of one child, from rows `(date, source.item, value)`."""
    told = timeline(("a", day, *item.split("."), value) for day, item, value in rows)
    formed = form_values(told, persons(["a"]), RULES)
    if indicator not in formed:
        return {}
    assert formed[indicator].schema == VALUES
    return dict(formed[indicator].select("year", "value").iter_rows())


@pytest.mark.parametrize(
    ("indicator", "rows", "expected"),
    [
        ("public_assistance", [("public_assistance", 0), ("public_assistance", 1)], 1),
        ("child_rearing_allowance", [("child_rearing_allowance", "partial"), ("child_rearing_allowance", "full")], 2),
        ("nursery_fee_arrears", [("nursery_fee_arrears_months", 4), ("nursery_fee_arrears_months", 2)], 4),
        ("consultation_topics", [("consultation_topics", "health;abuse"), ("consultation_topics", "childcare")], 3),
        ("consultation_topics", [("consultation_count", 0), ("consultation_count", 0)], 0),
        ("consultation_topics", [("consultation_count", 2), ("consultation_count", 2)], None),
        ("public_assistance", [("public_assistance", "unreadable"), ("public_assistance", "")], None),
    ],
)
def test_welfare_values_of_two_dates(indicator: str, rows: list[tuple[str, object]], expected: float | None):
    days = (april(2024), date(2024, 10, 1))
    found = value_of(indicator, *[(day, f"welfare.{item}", v) for day, (item, v) in zip(days, rows, strict=True)])
    assert found == ({} if expected is None else {2024: expected})


@pytest.mark.parametrize("dates", [1, 2, 12])
def test_a_rate_does_not_depend_on_how_often_a_year_is_delivered(dates: int):
    days = [date(2024 + (month > 9), (month + 2) % 12 + 1, 1) for month in range(1, 13)][:: 12 // dates]
    rows = [
        (day, f"school.{item}", v / dates) for day in days for item, v in (("days_absent", 18), ("days_required", 180))
    ]
    assert value_of("absence", *rows)[2024] == pytest.approx(20)


def test_without_days_required_the_count_is_of_a_whole_year():
    assert value_of("absence", (april(2024), "school.days_absent", 7)) == {2024: 7}


def test_no_school_days_leave_the_rate_unknown():
    rows = (april(2024), "school.days_absent", 0), (april(2024), "school.days_required", 0)
    assert value_of("absence", *rows) == {}


def test_the_fiscal_year_runs_from_april_to_march():
    rows = (date(2024, 3, 31), "school.score_math", 40), (april(2024), "school.score_math", 60)
    assert value_of("score_math", *rows) == {2023: 40, 2024: 60}


def test_vaccinations_outstanding_need_both_columns_and_are_never_negative():
    due, done = "health.vaccinations_due", "health.vaccinations_done"
    assert value_of("vaccinations_outstanding", (april(2024), due, 8)) == {}
    assert value_of("vaccinations_outstanding", (april(2024), due, 8), (april(2024), done, 5)) == {2024: 3}
    assert value_of("vaccinations_outstanding", (april(2024), due, 8), (april(2024), done, 9)) == {2024: 0}


@pytest.mark.parametrize(("spring", "autumn", "missed"), [(0, 0, 1), (0, 1, 0), (1, 1, 0)])
def test_a_checkup_made_up_for_later_in_the_year_is_not_missed(spring: int, autumn: int, missed: int):
    rows = [(april(2024), "health.attended", spring), (date(2024, 10, 1), "health.attended", autumn)]
    assert value_of("checkups_missed", *rows) == {2024: missed}


@pytest.mark.parametrize(
    ("support", "expected"),
    [
        ({"public_assistance": 0, "child_rearing_allowance": "none"}, {2024: 3}),
        ({"public_assistance": 1, "child_rearing_allowance": "none"}, {2024: 0}),
        ({"public_assistance": 0, "child_rearing_allowance": "partial"}, {2024: 0}),
        ({}, {}),
    ],
)
def test_hardship_without_support(support: dict[str, object], expected: dict[int, float]):
    signs = {"tax_exempt": 1, "single_parent": 1, "nursery_fee_arrears_months": 2}
    rows = [(april(2024), f"welfare.{item}", v) for item, v in (signs | support).items()]
    assert value_of("unsupported_hardship", *rows) == expected


def test_a_child_the_supporting_department_does_not_know_has_no_support_recorded():
    told = timeline(
        [
            ("a", april(2024), "school", "lunch_fee_arrears_months", 3),
            ("a", april(2023), "school", "lunch_fee_arrears_months", 3),
            ("b", april(2024), "welfare", "public_assistance", 1),
        ]
    )
    formed = form_values(told, persons(["a", "b"]), RULES)["unsupported_hardship"]
    assert formed.select("person_id", "year", "value").rows() == [("a", 2024, 1.0)]


def test_an_item_of_the_same_name_in_another_source_is_not_read():
    assert value_of("score_math", (april(2024), "nursery.score_math", 40)) == {}


def test_the_reference_date_is_the_last_that_went_in():
    told = timeline(("a", day, "school", "score_math", 50) for day in (april(2024), date(2025, 2, 1)))
    formed = form_values(told, persons(["a"]), RULES)["score_math"]
    assert formed.row(0, named=True) == {"person_id": "a", "year": 2024, "as_of": date(2025, 2, 1), "value": 50.0}


def test_an_empty_timeline_has_no_values():
    assert form_values(timeline([]), persons([]), RULES) == {}
    assert isinstance(timeline([]), pl.DataFrame)
