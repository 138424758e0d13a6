"""Pseudonyms are stable within an approval, and tell nothing across approvals."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.custody import Custody
from governance.pseudonyms import HEX_DIGITS, pseudonymise

PERSONS = pl.DataFrame(
    {
        "person_id": ["p3", "p1", "p2", None, "p1"],
        "birth_date": [date(2015, 4, 1), date(2016, 3, 31), None, date(2014, 1, 1), date(2015, 12, 31)],
        "value": [3.0, 1.0, 2.0, 9.0, 1.5],
    }
)


@pytest.fixture(scope="module")
def custody(tmp_path_factory):
    made = Custody(tmp_path_factory.mktemp("custody") / "keys")
    made.create()
    return made


def pairs(custody, approval_id, frame=PERSONS):
    """The pseudonym of each person, found by the values that go with it."""
    out = pseudonymise(custody, frame, approval_id)
    return dict(frame.join(out, on="value").drop_nulls("person_id").select("person_id", "person_id_right").iter_rows())


def test_a_child_has_one_pseudonym_within_an_approval_whatever_the_table(custody):
    found = pairs(custody, "2026-03")
    events = pl.DataFrame({"person_id": ["p1"], "other_id": ["p2"]})
    assert pseudonymise(custody, events, "2026-03").row(0) == (found["p1"], found["p2"])
    assert len(set(found.values())) == 3
    assert all(len(one) == HEX_DIGITS for one in found.values())


def test_approvals_and_workspaces_share_no_pseudonym(custody, tmp_path):
    other = Custody(tmp_path / "keys")
    other.create()
    found = [pairs(custody, "2026-03"), pairs(custody, "2026-04"), pairs(other, "2026-03")]
    assert len({one for each in found for one in each.values()}) == 9


@given(
    ids=st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=8), unique=True, min_size=2, max_size=30)
)
def test_no_id_is_left_and_the_order_is_that_of_the_pseudonyms(custody, ids):
    frame = pl.DataFrame({"person_id": ids})
    one, other = (pseudonymise(custody, frame, approval_id)["person_id"] for approval_id in ("a", "b"))
    assert one.is_sorted()
    assert other.is_sorted()
    assert one.n_unique() == len(ids)
    assert not set(ids) & {*one, *other}


def test_a_birth_date_is_cut_to_its_fiscal_year_and_null_stays_null(custody):
    out = pseudonymise(custody, PERSONS, "2026-03").sort("value")
    assert out["birth_date"].to_list() == [date(2015, 4, 1), date(2015, 4, 1), None, date(2015, 4, 1), date(2013, 4, 1)]
    assert out["person_id"].null_count() == 1
    assert out.schema == PERSONS.schema


def test_a_table_without_persons_or_rows_keeps_its_form(custody):
    counts = pl.DataFrame({"year": [2025, 2024], "children": [3, 4]})
    assert pseudonymise(custody, counts, "2026-03").equals(counts.sort("year"))
    assert pseudonymise(custody, PERSONS.clear(), "2026-03").equals(PERSONS.clear())
