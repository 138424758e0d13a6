"""Further pairs: within groups that evidence connects, and of profiles without a match; never one compared before."""

import duckdb
import polars as pl

from linkage.components import components
from linkage.further import LARGEST_COMPONENT, further_pairs, pairs_within
from linkage.profiles import build_profiles
from tests.unit.linkage.people import records

PAIRS = pl.Schema({"left": pl.UInt32, "right": pl.UInt32, "evidence": pl.Float64})


def weighed(*rows):
    return pl.DataFrame(rows, schema=PAIRS, orient="row")


def within(*edges):
    groups = components(pl.DataFrame(edges, schema={"left": pl.UInt32, "right": pl.UInt32}, orient="row"))
    return sorted(pairs_within(groups).rows())


def further(pairs, *changes, fresh=None, changed=None):
    """Further pairs of the profiles of `records(*changes)`."""
    profiles = build_profiles(records(*changes)).profiles
    asked = [None if of is None else pl.Series("profile", of, pl.UInt32) for of in (fresh, changed)]
    with duckdb.connect() as connection:
        return further_pairs(connection, profiles, pairs, fresh=asked[0], changed=asked[1]).rows()


HOUSE = [{"local_id": f"S{n}", "given": name} for n, name in enumerate(["花子", "太郎", "桃子", "翼"])]
ELSEWHERE = {"town": "新町", "block": "9-9", "postal": "5690001", "birth_date": None}


def test_every_two_of_a_group_are_compared():
    assert within((0, 1), (1, 2), (3, 4)) == [(0, 1), (0, 2), (1, 2)]


def test_groups_too_large_are_not_completed():
    def chain(profiles):
        return [(n, n + 1) for n in range(profiles - 1)]

    size = LARGEST_COMPONENT
    assert within(*chain(size + 1)) == []
    assert len(within(*chain(size))) == size * (size - 1) // 2


def test_what_is_compared_already_is_not_asked_for_again():
    pairs = weighed((0, 1, 3.0), (1, 2, 3.0), (2, 3, -3.0))
    assert further(pairs, *HOUSE) == [(0, 2), (0, 3), (1, 3)]


def test_a_profile_without_a_match_is_looked_for_by_wider_rules():
    matched = weighed((0, 1, 3.0))
    assert further(matched, *HOUSE[:3]) == [(0, 2), (1, 2)], "of one house"
    assert further(matched, *HOUSE[:2], HOUSE[2] | ELSEWHERE) == []


def test_of_a_later_delivery_only_what_is_new_or_changed_is_asked_about():
    pairs = weighed((0, 1, 3.0), (1, 2, 3.0))
    assert further(pairs, *HOUSE, fresh=[], changed=[2]) == [(0, 2)]
    assert further(pairs, *HOUSE, fresh=[3], changed=[]) == [(0, 3), (1, 3), (2, 3)]
    assert further(pairs, *HOUSE, fresh=[], changed=[3]) == [(0, 3), (1, 3), (2, 3)], "it may have lost its match"
    assert further(pairs, *HOUSE, fresh=[], changed=[]) == []


def test_a_known_profile_without_a_match_is_looked_for_among_new_ones_that_have_one():
    assert (1, 3) in further(weighed((1, 2, 3.0)), *HOUSE, fresh=[1, 2], changed=[])
