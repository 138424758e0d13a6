"""Filters of the list: each narrows what the others leave, in whatever combination; none changes the order by rank."""

from types import SimpleNamespace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.children.list_choice import Choice, chosen, hands_of

PERSONS = [f"p{number:02}" for number in range(12)]
KINDS, SCHOOLS = ["learning", "health"], ["S1", "S2"]

rows = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(KINDS),
            "judgement": st.one_of(st.none(), st.integers(0, 3)),
            "school": st.one_of(st.none(), st.sampled_from(SCHOOLS)),
            "grade": st.one_of(st.none(), st.integers(-5, 12)),
            "already_supported": st.booleans(),
            "held": st.booleans(),
            "new": st.one_of(st.none(), st.booleans()),
            "link_confidence": st.floats(0, 1),
        }
    ),
    max_size=len(PERSONS),
)
FILTERS = {
    "kind": st.sampled_from(KINDS),
    "judgement": st.integers(0, 3),
    "school": st.sampled_from(SCHOOLS),
    "grade": st.integers(0, 12),
    "hands": st.sampled_from(["nobody", "waiting", "taken", "closed"]),
    "supported": st.booleans(),
    "new": st.just(True),
    "q": st.sampled_from(["p0", "p1", "p05", "x"]),
}
filters = st.fixed_dictionaries({}, optional=FILTERS)


CASES = {  # what is asked of a case
    "p01": SimpleNamespace(is_open=True, assigned_to=None),
    "p02": SimpleNamespace(is_open=True, assigned_to="sato"),
    "p03": SimpleNamespace(is_open=False, assigned_to="sato"),
    "p11": SimpleNamespace(is_open=True, assigned_to="suzuki"),
}


def frame(rows):
    schema = {
        "kind": pl.Categorical,
        "judgement": pl.Int8,
        "school": pl.String,
        "grade": pl.Int32,
        "already_supported": pl.Boolean,
        "held": pl.Boolean,
        "new": pl.Boolean,
        "link_confidence": pl.Float64,
    }
    listed = pl.DataFrame(rows, schema=schema)
    ids = pl.Series("person_id", PERSONS[: listed.height], dtype=pl.String)
    return listed.with_columns(ids, rank=pl.int_range(1, listed.height + 1, dtype=pl.Int32))


def found(listed, asked):
    return chosen(listed, Choice(**asked), CASES)["person_id"].to_list()


@given(rows, filters, st.booleans())
def test_filters_together_leave_what_each_of_them_leaves(rows, asked, held):
    listed, base = frame(rows), {"held": held}
    alone = [set(found(listed, base | {name: value})) for name, value in asked.items()]
    expected = set(found(listed, base)).intersection(*alone)
    assert found(listed, base | asked) == [person for person in PERSONS if person in expected]


@given(rows, filters, st.sampled_from(["judgement", "grade", "school", "link"]))
def test_an_order_leaves_nobody_out(rows, asked, sort):
    listed = frame(rows)
    assert sorted(found(listed, asked | {"sort": sort})) == sorted(found(listed, asked))


@given(rows, st.sampled_from(["nobody", "waiting", "taken", "closed"]))
def test_everybody_is_in_exactly_one_kind_of_hands(rows, hands):
    listed = frame(rows)
    assert set(found(listed, {"hands": hands})) == {
        person for person in found(listed, {}) if hands_of(CASES.get(person)) == hands
    }


def test_what_a_form_leaves_blank_is_not_asked():
    blank = dict.fromkeys((*FILTERS, "year", "held"), "")
    assert Choice(**blank) == Choice()
    assert Choice().query() == {}


@pytest.mark.parametrize("asked", [{"judgement": 3, "supported": False, "new": True, "grade": 0, "q": "p1"}])
def test_a_choice_is_read_back_from_its_address(asked):
    choice = Choice(**asked, year=2024, page=3)
    assert Choice(**choice.query()) == choice.model_copy(update={"page": 1})


def test_children_before_school_are_one_grade():
    listed = frame([dict.fromkeys(["kind"], "learning") | {"held": False, "grade": grade} for grade in (-3, 0, 1)])
    assert found(listed, {"grade": 0}) == ["p00", "p01"]
