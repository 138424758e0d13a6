"""Two profiles compared after the run, as linkage would have, because no blocking rule brought them together."""

import duckdb
import polars as pl

from linkage.comparing import compare, register_profiles
from linkage.known import make_ages, with_circumstances
from linkage.link import Known
from linkage.profiles import DATED_ATTRIBUTES, build_profiles
from vocabulary.frames import RECORD


def compare_two(known: Known, left: int, right: int) -> pl.DataFrame:
    """Compare two profiles that blocking did not bring together, as linkage would: one row for `explain`.

    Parameters
    ----------
    known
        The linkage the profiles are of; `pairs` is not read. Frequencies are taken from all its profiles.
    left, right
        Two of its profiles, `left` < `right`.
    """
    pair = pl.DataFrame({"left": [left], "right": [right]}, schema={"left": pl.UInt32, "right": pl.UInt32})
    with duckdb.connect(config={"max_temp_directory_size": "0KB"}) as connection:  # names are never spilled to disk
        register_profiles(connection, _with_times(known, [left, right]))
        connection.register("members", known.profiles.members)
        make_ages(connection)
        return with_circumstances(connection, compare(connection, pair)[0])


def _with_times(known: Known, wanted: list[int]) -> pl.DataFrame:
    """All profiles; of those wanted, when they showed each value, which is not kept."""
    times = [f"{attribute}_at" for attribute in DATED_ATTRIBUTES]
    members = known.profiles.members
    found = [
        build_profiles(known.keys.join(members.filter(pl.col("profile") == profile), on=RECORD, how="semi"))
        .profiles.head(1)
        .select(pl.lit(profile, pl.UInt32).alias("profile"), *times)
        for profile in wanted
    ]
    empty = pl.col(*times).fill_null([])
    return (
        known.profiles.profiles.drop(times, strict=False)
        .join(pl.concat(found), on="profile", how="left")
        .with_columns(empty)
    )
