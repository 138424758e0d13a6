"""Counts of the list: a small one cannot be worked out from the tables of its year, by an attacker of another make."""

from itertools import product
from typing import get_args

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from api.children.list_counts import JUDGEMENTS, NOWHERE, count
from governance.access import Actor
from governance.account_state import Role
from governance.disclosure import ALL
from indicators.rules import Kind

SCHOOLS, KINDS = ["S1", "S2", "S3"], ["health", "learning"]
DISTRICTS = {"S1": "北", "S2": "北", "S3": "南"}
GROUPS = list(product([*SCHOOLS, None], KINDS, (0, 1, 2, 3)))

sizes = st.lists(st.one_of(st.integers(0, 4), st.integers(0, 40)), min_size=len(GROUPS), max_size=len(GROUPS)).filter(
    any
)


def listed(numbers):
    rows = [group for group, number in zip(GROUPS, numbers, strict=True) for _ in range(number)]
    return pl.DataFrame(rows, {"school": pl.String, "kind": pl.Categorical, "judgement": pl.Int8}, orient="row")


def is_in(group, table, row, column):
    school, kind, judgement = group
    place = {"school": school or NOWHERE, "district": DISTRICTS.get(school, NOWHERE), "kind": kind}[table]
    return row in (ALL, place) and column in (ALL, str(judgement))


def widths(tables, numbers):
    """Width of what each hidden small count can be, for an attacker who solves in whole numbers."""
    rows, low, high, small = [], [], [], []
    for table in tables:
        for (row, column), told in table.cells.items():
            of = [is_in(group, table.name, row, column) for group in GROUPS]
            true = sum(number for number, inside in zip(numbers, of, strict=True) if inside)
            rows.append(of)
            small.append(true < 10 and any(of))  # of a place without a group everybody knows that it is 0
            if told is not None:
                assert told == 5 * round(true / 5)
                assert true >= 10
            low.append(0 if true < 10 else 10 if told is None else max(10, told - 2))
            high.append(9 if true < 10 else np.inf if told is None else told + 2)
    matrix = np.array(rows, dtype=float)
    known = LinearConstraint(matrix, low, high)
    for of in matrix[np.array(small)]:
        ends = [
            milp(sign * of, constraints=known, integrality=np.ones(len(GROUPS)), bounds=Bounds(0, 10_000))
            for sign in (1, -1)
        ]
        assert all(end.status == 0 for end in ends)
        yield -ends[1].fun - ends[0].fun


@settings(max_examples=6, deadline=None)
@given(sizes, st.booleans())
def test_no_hidden_count_can_be_worked_out(numbers, by_district):
    tables = count(listed(numbers), SCHOOLS, DISTRICTS if by_district else {}, KINDS)
    assert [table.name for table in tables] == (["school", "district", "kind"] if by_district else ["school", "kind"])
    assert all(width >= 4 for width in widths(tables, numbers))


def test_every_table_has_its_margins_and_all_judgements():
    (school, kind) = count(listed([20] * len(GROUPS)), [*SCHOOLS, "S4"], {})
    assert school.rows == ("S1", "S2", "S3", "S4", NOWHERE, ALL)  # S4 too, where nobody is listed
    assert set(kind.rows) == {*get_args(Kind), ALL}
    assert school.columns == (*JUDGEMENTS, ALL)
    assert school.cells["S1", "3"] == 40
    assert kind.cells[ALL, ALL] == 20 * len(GROUPS)


@pytest.mark.parametrize("role", [Role.ANALYST, Role.COUNCIL, Role.SCHOOL])
def test_who_sees_statistics_sees_the_counts_and_nobody_a_row(visit, role):
    actor = Actor("someone", role, frozenset({"S1"}))
    page = visit("/flags/counts", actor=actor)
    assert page.status_code == 200
    assert "p000" not in page.text
    assert visit("/api/v1/flags/counts", actor=actor).json()["tables"][0]["by"] == "school"


def test_an_administrator_sees_none(visit):
    assert visit("/flags/counts", actor=Actor("kanri", Role.ADMINISTRATOR)).status_code == 403
