"""Numbers of children stand in the order of their ids, and lead back to them."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.numbers import numbers_of


def frame(ids: list[str]) -> pl.DataFrame:
    return pl.DataFrame({"person_id": ids, "row": range(len(ids))}, schema={"person_id": pl.String, "row": pl.Int64})


@given(some=st.lists(st.text(max_size=3)), others=st.lists(st.text(max_size=3)))
def test_numbers_sort_as_ids_do_and_lead_back(some: list[str], others: list[str]):
    numbers = numbers_of(frame(some), frame(others))
    put = numbers.put(frame(some))
    assert put["person_id"].dtype == pl.UInt32
    assert_frame_equal(numbers.taken_back(put), frame(some))
    assert numbers.taken_back(put.sort("person_id", "row")).rows() == sorted(frame(some).rows())
    assert numbers.ids.to_list() == sorted({*some, *others})
