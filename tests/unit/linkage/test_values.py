"""Measured values as they are written, and the rules their texts break."""

import polars as pl
import pytest

from linkage.rules import Rule
from linkage.values import parse_measurement, plain
from vocabulary.source import Measurement

LARGEST = 2**31 - 1


def parsed(text, **specification):
    """The value of one text, and the rules it breaks."""
    plain_text = pl.DataFrame({"text": [text]}).select(plain("text"))["text"]
    found = parse_measurement(plain_text, Measurement(**specification))
    return found.values.item(), [rule for rule, where in found.broken if where.item()]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234", 1234),
        ("1,234,567", 1234567),
        ("-1,234", -1234),
        ("１，２３４", 1234),
        ("12,345.5", 12345.5),
        ("1,23", None),
        ("1,2345", None),
        ("1234,567", None),
        (",123", None),
        ("1,234,56", None),
    ],
)
def test_commas_part_groups_of_three_digits_and_nothing_else(text, value):
    assert parsed(text, type="number") == (value, [] if value is not None else [Rule.NOT_A_NUMBER])


@pytest.mark.parametrize("bounds", [{}, {"min": 0, "max": 1e12}])
def test_an_integer_beyond_its_type_breaks_a_bound_and_is_never_blank_without_a_rule(bounds):
    assert parsed(str(LARGEST), type="integer", **bounds) == (LARGEST, [])
    assert parsed(str(LARGEST + 1), type="integer", **bounds) == (None, [Rule.ABOVE_MAXIMUM])
    assert Rule.BELOW_MINIMUM in parsed(str(-LARGEST - 1), type="integer", **bounds)[1]


def test_a_number_without_bounds_has_none():
    assert parsed("3e12", type="number") == (3e12, [])


def test_an_alias_of_a_number_is_read_as_its_number():
    assert parsed("なし", type="integer", aliases={"なし": "0"}) == (0, [])
