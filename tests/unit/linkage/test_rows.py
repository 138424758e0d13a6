"""Rows, their lines, and what is not a row; Python's reader as the oracle for files that are not damaged."""

import csv
from io import StringIO

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.rows import read_rows, split_header

FIELD = st.text(st.sampled_from('ab,"\n\t 佐\u3000'), max_size=6)
TABLE = st.lists(st.tuples(FIELD, FIELD, FIELD), min_size=1, max_size=12)


def rows(text, separator=",", width=3):
    header, lines = split_header(text, separator)
    assert len(header) == width
    return read_rows(text, separator, header_lines=lines, width=width, chosen={"a": 0, "b": 1, "c": 2})


@settings(deadline=None)
@given(TABLE, st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]), st.sampled_from(",\t"))
def test_what_a_csv_writer_wrote_is_read_back_with_its_lines(table, quoting, separator):
    held = StringIO()
    writer = csv.writer(held, delimiter=separator, quoting=quoting, lineterminator="\n")
    writer.writerow("abc")
    lines = []
    for row in table:
        lines.append(held.getvalue().count("\n") + 1)
        writer.writerow(row)
    found = rows(held.getvalue(), separator)
    assert found.ragged.is_empty()
    assert found.frame["line"].to_list() == lines
    assert found.frame.drop("line").fill_null("").rows() == table


@settings(deadline=None)
@given(st.lists(st.text(st.sampled_from('ab,"\n'), max_size=12), max_size=12))
def test_any_damage_leaves_every_line_in_a_row_or_empty(damage):
    text = "\n".join(["a,b,c", *damage, "1,2,3", ""])
    found = rows(text)
    counted = pl.concat([found.frame["line"], found.ragged["line"]])
    assert counted.is_unique().all()
    lines = text.split("\n")
    assert all(lines[line - 1] for line in counted)
    held = sum(str(value).count("\n") for row in found.frame.drop("line").rows() for value in row if value)
    empty = sum(not line for line in lines)
    assert counted.len() + 1 <= len(lines) - empty <= counted.len() + 1 + held


def test_a_quote_that_never_closes_takes_its_own_row_only():
    found = rows('a,b,c\n1,"2,3\n4,5,6\n7,8,9\n')
    assert found.ragged["line"].to_list() == [2]
    assert found.frame.rows() == [(3, "4", "5", "6"), (4, "7", "8", "9")]


def test_two_quotes_left_open_do_not_swallow_the_rows_between():
    found = rows('a,b,c\n1,"2,3\n4,5,6\n7,"8,9\n1,2,3\n')
    assert found.ragged["line"].to_list() == [2, 4]
    assert found.frame["line"].to_list() == [3, 5]


def test_a_quote_within_a_field_is_a_character():
    assert rows('a,b,c\n1,5" wide,3\n').frame.rows() == [(2, "1", '5" wide', "3")]


def test_a_file_cut_short_within_quotes_loses_that_row_only():
    found = rows('a,b,c\n1,2,"3"\n4,5,"6')
    assert found.ragged["line"].to_list() == [3]
    assert found.frame["line"].to_list() == [2]


def test_what_follows_a_closing_quote_makes_the_row_ragged():
    assert rows('a,b,c\n"1","5" wide","3"\n"4","5","6"\n').ragged["line"].to_list() == [2]


def test_ragged_rows_say_how_many_fields_they_have():
    found = rows("a,b,c\n1,2\n1,2,3\n1,2,3,4\n\n1,2,3")
    assert found.ragged.rows() == [(2, 2), (4, 4)]
    assert found.frame["line"].to_list() == [3, 6]


def test_a_header_may_hold_a_line_break():
    found = rows('a,"b\nb",c\n1,2,3\n')
    assert found.frame["line"].to_list() == [3]
