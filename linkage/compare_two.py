"""Two profiles compared after the run, as linkage would have, because no blocking rule brought them together."""

import polars as pl

from linkage.comparing import Comparer
from linkage.engine import open_duckdb
from linkage.known import make_tables, with_circumstances, without_repeats
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
        make_tables(connection, known.profiles.profiles, without_repeats(known.profiles))
        return with_circumstances(connection, Comparer(connection, known.profiles.profiles).compare(pair)[0])
