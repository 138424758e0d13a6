"""Adding records to known profiles, so that a later delivery costs what it holds and not what is known.

Most records of a later delivery show what their number has always shown first of all. They extend the dates of its
profile; only the other numbers' profiles are built again.
"""

from dataclasses import dataclass

import polars as pl

from linkage.derived import with_derived
from linkage.profiles import DATED_ATTRIBUTES, SET_ATTRIBUTES, Profiles, build_profiles
from linkage.runs import years_shown
from vocabulary.frames import RECORD

NUMBER = ["source", "local_id"]


@dataclass(frozen=True)
class Extended:
    """Known profiles with further records.

    Attributes
    ----------
    profiles
        All profiles, as of all records. What says what it said before keeps its number.
    fresh
        The numbers among them that were not used before.
    gone
        Known numbers that are not among them.
    dated
        Known numbers with further dates.
    rebuilt
        Those of them that were built again and say what they said; they may have lost dates, too.
    """

    profiles: Profiles
    fresh: pl.Series
    gone: pl.Series
    dated: pl.Series
    rebuilt: pl.Series


def extend_profiles(known: Profiles, keys: pl.DataFrame, new: pl.DataFrame) -> Extended:
    """Add records to known profiles.

    A number that shows again what it has always shown first of all keeps its profile with later dates. Those of other
    numbers are built again from all their records; one whose sets are other than before, or in another order, gets a
    number that was not used before.

    Parameters
    ----------
    known, keys
        Profiles and the records (STANDARDISED) they were built of.
    new
        Records (STANDARDISED) to be added; one whose key is known takes the place of that record.
    """
    at_their_dates = keys.filter(pl.col("as_of").is_in(new["as_of"].unique().implode()))
    replaced = at_their_dates.join(new, on=RECORD, how="semi")
    added = new.join(replaced, on=new.columns, how="anti", nulls_equal=True)
    extending = _extending(added.join(replaced, on=RECORD, how="anti"), known.profiles)
    touched = added.join(extending, on=RECORD, how="anti").select(NUMBER).unique()
    extending = extending.join(touched, on=NUMBER, how="anti", maintain_order="left")

    first = int(known.profiles["profile"].to_numpy().max(initial=0)) + 1
    of_touched = [frame.join(touched, on=NUMBER, how="semi") for frame in (keys, added)]
    records = pl.concat([of_touched[0].join(added, on=RECORD, how="anti"), of_touched[1]])
    rebuilt = _with_known_numbers(build_profiles(records, first=first), known)
    left_behind = known.profiles.join(touched, on=NUMBER, how="semi")["profile"]
    kept = known.profiles.filter(~pl.col("profile").is_in(left_behind.implode()))
    members = known.members.filter(~pl.col("profile").is_in(left_behind.implode()))
    profiles = Profiles(
        pl.concat([_dated_again(kept, extending), rebuilt.profiles], how="diagonal"),
        pl.concat([members, extending.select(members.columns), rebuilt.members]),
    )
    numbers = rebuilt.profiles["profile"]
    return Extended(
        profiles,
        fresh=numbers.filter(numbers >= first),
        gone=left_behind.filter(~left_behind.is_in(numbers.implode())),
        dated=pl.concat([extending["profile"].unique(), numbers.filter(numbers < first)]),
        rebuilt=numbers.filter(numbers < first),
    )


def _extending(new: pl.DataFrame, profiles: pl.DataFrame) -> pl.DataFrame:
    """Records that only extend the dates of a profile: `profile`, RECORD, and `<attribute>_years` where it is shown.

    Their number has one profile, which shows one birth date and one given name at most, so that no record parts it; and
    they show nothing but the first of its values. It is the most frequent already, so the order of values stays.
    """
    alone = [pl.col(name).list.len() <= 1 for name in ("birth_date", "given", "given_kana")]
    of_numbers = profiles.select("profile", *NUMBER, *SET_ATTRIBUTES).join(new, on=NUMBER, how="semi")
    one = of_numbers.filter((pl.len().over(NUMBER) == 1) & pl.all_horizontal(alone))
    shown = with_derived(new).join(one, on=NUMBER, suffix="_known", maintain_order="left")
    lists = [name for name in SET_ATTRIBUTES if shown.schema[name] == pl.List]
    same = [
        (pl.col(name) == pl.col(f"{name}_known").list.first()).fill_null(pl.col(name).is_null())
        for name in SET_ATTRIBUTES
        if name not in lists
    ]
    same += [
        pl.col(name).is_null() | (pl.col(name).list.sort() == pl.col(f"{name}_known").list.sort()).fill_null(False)
        for name in lists
    ]
    years = [
        pl.when(pl.col(name).is_not_null()).then(years_shown(pl.col("as_of"))).alias(f"{name}_years")
        for name in DATED_ATTRIBUTES
    ]
    return shown.lazy().filter(pl.all_horizontal(same)).select("profile", *RECORD, *years).collect()


def _dated_again(profiles: pl.DataFrame, extending: pl.DataFrame) -> pl.DataFrame:
    """Profiles with the dates, counts and years of further records."""
    years = [f"{name}_years" for name in DATED_ATTRIBUTES]
    added = extending.group_by("profile").agg(
        pl.col("as_of").min().alias("first_added"),
        pl.col("as_of").max().alias("last_added"),
        pl.len().alias("further"),
        *(pl.col(name).bitwise_or().alias(f"{name}_added") for name in years),
    )
    dates = ["first_seen", "last_seen", "records", *years]
    dated = profiles.select("profile", *dates).join(added, on="profile", how="left", maintain_order="left")
    return profiles.with_columns(
        dated.select(
            pl.min_horizontal("first_seen", "first_added").alias("first_seen"),
            pl.max_horizontal("last_seen", "last_added").alias("last_seen"),
            pl.col("records") + pl.col("further").fill_null(0),
            *(pl.coalesce(pl.col(name) | pl.col(f"{name}_added"), name, f"{name}_added").alias(name) for name in years),
        )
    )


def _with_known_numbers(profiles: Profiles, known: Profiles) -> Profiles:
    """`profiles` under the numbers of the `known` ones of the same source and local id whose sets are the same."""
    said = ["source", "local_id", "said", "place"]
    of_numbers = known.profiles.join(profiles.profiles, on=["source", "local_id"], how="semi", maintain_order="left")
    before, now = (
        frame.select("source", "local_id", "profile", "first_seen", said=pl.struct(*SET_ATTRIBUTES).hash())
        .with_columns(place=pl.struct("first_seen", "profile").rank("ordinal").over("source", "local_id", "said"))
        .select(*said, "profile")
        for frame in (of_numbers, profiles.profiles)
    )
    numbers = now.join(before.rename({"profile": "known"}), on=said, how="left").select("profile", "known")
    kept, members = (
        frame.join(numbers, on="profile", maintain_order="left")
        .with_columns(profile=pl.coalesce("known", "profile"))
        .drop("known")
        for frame in (profiles.profiles, profiles.members)
    )
    return Profiles(kept, members)
