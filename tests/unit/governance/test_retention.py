"""Until when each kind of data is kept, by municipal classes and by the approval."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.approval import parse_approval
from governance.custody import DataClass
from governance.retention import DELIVERED, RetentionClass, Term, classes, kept, term
from governance.workspace import load_settings
from tests.unit.governance.conftest import APPROVAL
from vocabulary.errors import WorkspaceError
from vocabulary.source import load_sources
from vocabulary.texts import catalogue

MADE = date(2026, 6, 1)


def approval(**changed):
    stated = APPROVAL
    for field, value in changed.items():
        stated = "\n".join(f"{field} = {value}" if line.startswith(field) else line for line in stated.split("\n"))
    return parse_approval(stated, file="a.toml", sources=load_sources())


@pytest.mark.parametrize(
    ("name", "made", "until"),
    [
        ("thirty_years", date(2026, 4, 1), date(2057, 3, 31)),
        ("ten_years", date(2027, 3, 31), date(2037, 3, 31)),
        ("five_years", MADE, date(2032, 3, 31)),
        ("three_years", date(2026, 12, 31), date(2030, 3, 31)),
        ("one_year", date(2026, 3, 31), date(2027, 3, 31)),
        ("one_year", date(2026, 4, 1), date(2028, 3, 31)),
        ("under_one_year", date(2024, 2, 29), date(2025, 2, 27)),
        ("purpose", MADE, date(2027, 3, 31)),
    ],
)
def test_classes_are_counted_as_filing_rules_count(name, made, until):
    assert classes()[name].last_day(made, purpose_ends=date(2027, 3, 31)) == until


def test_every_kind_of_data_has_a_class_and_every_class_and_kind_a_name():
    assert kept().keys() == {DELIVERED, *DataClass}
    assert {one.retention_class for one in kept().values()} <= classes().keys()
    named = {f"retention.kind_{name}" for name in kept()} | {f"retention.rule_{name}" for name in classes()}
    assert named <= catalogue().keys()


@pytest.mark.parametrize("days", [1, 90, 363, 10**9])
def test_the_shorter_of_class_and_approval_binds(days):
    found = term("extracts", MADE, approval(extract_retention_days=days))
    if days < 364:
        assert (found.until, found.rule) == (MADE + timedelta(days=days), "extract_retention_days")
    else:
        assert (found.until, found.rule) == (MADE + timedelta(days=364), "under_one_year")


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_extracts_are_never_kept_longer_than_results(made):
    ends = {kind: term(kind, made, approval(extract_retention_days=4000)).until for kind in kept()}
    assert max(ends["extracts"], ends["delivered"]) <= min(ends["identities"], ends["pseudonymous"])


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(sorted(classes())))
def test_a_class_that_a_city_sets_is_bounded_by_the_approval_and_keeps_no_extract_longer_than_results(made, name):
    for kind in kept():
        chosen = {kind: name, "extracts": "ten_years"}
        ends = {one: term(one, made, approval(extract_retention_days=1825), chosen=chosen).until for one in kept()}
        assert ends[kind] <= made + timedelta(days=1825)
        assert max(ends["extracts"], ends["delivered"]) <= min(ends["identities"], ends["pseudonymous"])


def test_a_city_sets_classes_in_its_settings(tmp_path):
    (tmp_path / "mimamori.toml").write_text('[retention]\npseudonymous = "three_years"\n')
    chosen = load_settings(tmp_path).retention
    assert term("pseudonymous", MADE, approval(), chosen=chosen) == Term(date(2030, 3, 31), "three_years")
    for wrong in ('records = "three_years"', 'extracts = "four_years"'):
        (tmp_path / "mimamori.toml").write_text(f"[retention]\n{wrong}\n")
        with pytest.raises(WorkspaceError, match="retention"):
            load_settings(tmp_path)


def test_what_is_kept_for_its_purpose_ends_with_a_revocation():
    ends = RetentionClass(ends="purpose")
    assert ends.last_day(MADE, purpose_ends=date(2026, 7, 1)) == date(2026, 7, 1)
    assert ends.last_day(MADE, purpose_ends=date(2026, 5, 1)) == MADE
