"""Two profiles compared after the run, as linkage would have, because no blocking rule brought them together."""

import polars as pl

from linkage.circumstances import with_circumstances
from linkage.comparing import Comparer
from linkage.engine import open_duckdb
from linkage.linked import Known
from linkage.model import Model
from linkage.repeats import without_repeats


def compare_two(known: Known, model: Model, left: int, right: int) -> pl.DataFrame:
    """Compare two profiles: one row for `linkage.explaining.explain`, without what brothers and sisters could add.

    Parameters
    ----------
    known
        The linkage the profiles are of; `pairs` is not read. Frequencies are taken from all its profiles.
    model
        Under which it was linked.
    left, right
        Two of its profiles, `left` < `right`.
    """
    pair = pl.DataFrame({"left": [left], "right": [right]}, schema={"left": pl.UInt32, "right": pl.UInt32})
    with open_duckdb() as connection:
        compared = Comparer(connection, known.profiles.profiles).compare(pair)[0]
        members = without_repeats(known.profiles.members, model.repeating)
        return with_circumstances(compared, known.profiles.profiles, members, model.ages)
