"""Two profiles compared after the run, as linkage would have, because no blocking rule brought them together."""

import polars as pl

from linkage.comparing import compare, register_profiles
from linkage.engine import open_duckdb
from linkage.known import make_ages, with_circumstances, without_repeats
from linkage.link import Known


def compare_two(known: Known, left: int, right: int) -> pl.DataFrame:
    """Compare two profiles: one row for `linkage.explaining.explain`, without what brothers and sisters could add.

    Parameters
    ----------
    known
        The linkage the profiles are of; `pairs` is not read. Frequencies are taken from all its profiles.
    left, right
        Two of its profiles, `left` < `right`.
    """
    pair = pl.DataFrame({"left": [left], "right": [right]}, schema={"left": pl.UInt32, "right": pl.UInt32})
    with open_duckdb() as connection:
        register_profiles(connection, known.profiles.profiles)
        connection.register("member_frame", without_repeats(known.profiles))
        # A table and not the frame itself, of which DuckDB would not know how many rows a join keeps.
        connection.execute("CREATE TABLE members AS SELECT * FROM member_frame")
        make_ages(connection)
        return with_circumstances(connection, compare(connection, pair)[0])
