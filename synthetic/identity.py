"""The identity columns of a department's records, written its own way, with the slips its clerks made."""

import numpy as np
import polars as pl

from synthetic.chance import Bools, Ints
from synthetic.department import Department
from synthetic.forms import ADDRESSES, KANA, PHONES, POSTAL, write_addresses, write_dates
from synthetic.names import NameTable, names
from synthetic.profile import Profile
from synthetic.register import Register
from synthetic.slips import Dice, make_slips
from synthetic.world import World
from vocabulary.source import IDENTITY_COLUMNS

FOREIGN_NAME_FACTOR, FOREIGN_NAME_MOST = 6, 0.35
"""How much likelier than another form of date is another form of a foreign name (kana, no middle name, other order)."""


def write_identity(
    rng: np.random.Generator,
    department: Department,
    register: Register,
    world: World,
    homes: pl.DataFrame,
    phones: pl.Series,
) -> pl.DataFrame:
    """The identity columns of every record of `register`, as text."""
    profile, dice = world.profile, Dice(rng, register.registration)
    foreign = world.families.country[world.lives.family[register.life]] >= 0
    plain = _foreign_names(_plain(department, register, world, homes, phones), foreign, dice, profile)
    slipped = make_slips(plain, dice, profile)
    addresses = _addresses(homes[register.home], department, dice, profile)
    written = slipped.with_columns(address=pl.when(pl.col("address").is_not_null()).then(pl.lit(addresses)))
    return _in_forms(written, department, dice, profile).select(
        column for column in IDENTITY_COLUMNS if column in written.columns
    )


def _plain(
    department: Department, register: Register, world: World, homes: pl.DataFrame, phones: pl.Series
) -> pl.DataFrame:
    """What the department knows, without a slip and in plain form: readings in katakana, dates as dates."""
    lives, clock = world.lives, world.clock
    born = pl.Series(clock.day(world.children.birth), dtype=pl.Date)
    family_name, family_kana = _lookup(names().surnames, register.surname)
    given_name, given_kana = _lookup(names().given, register.given)
    parent_name, parent_kana = _lookup(names().surnames, register.guardian_surname)
    parent_given, parent_given_kana = _lookup(names().given, register.guardian_given)
    return pl.DataFrame(
        {
            "local_id": register.local_id,
            "as_of": pl.Series(clock.dates, dtype=pl.Date).gather(lives.step[register.life]),
            "family_name": family_name,
            "given_name": given_name,
            "family_kana": family_kana,
            "given_kana": given_kana,
            "birth_date": born.gather(lives.child[register.life]),
            "sex": np.where(lives.male[register.life], *department.sex),
            "postal_code": homes["postal"].gather(register.home),
            "address": homes["town"].gather(register.home),
            "guardian_name": parent_name + "　" + parent_given,
            "guardian_kana": parent_kana + "　" + parent_given_kana,
            "phone": phones.gather(register.phone),
        }
    )


def _lookup(table: NameTable, rows: Ints) -> tuple[pl.Series, pl.Series]:
    frame = table.frame()
    return frame["written"].gather(rows), frame["kana"].gather(rows)


def _foreign_names(plain: pl.DataFrame, foreign: Bools, dice: Dice, profile: Profile) -> pl.DataFrame:
    """Foreign residents' names in kana, without the middle name or in the other order, in some of their records."""
    rate = min(profile.mixed_forms * FOREIGN_NAME_FACTOR, FOREIGN_NAME_MOST)

    def some() -> pl.Expr:
        return pl.lit(pl.Series(dice.slip(rate)[0] & foreign))

    first_only = pl.col("given_name").str.replace(r" [^ ]+$", "")
    first_kana = pl.col("given_kana").str.replace(r" [^ ]+$", "")
    in_kana, no_middle, other_order = some(), some(), some()
    plain = plain.with_columns(
        given_name=pl.when(no_middle).then(first_only).otherwise("given_name"),
        given_kana=pl.when(no_middle).then(first_kana).otherwise("given_kana"),
    )
    plain = plain.with_columns(
        family_name=pl.when(in_kana).then("family_kana").otherwise("family_name"),
        given_name=pl.when(in_kana).then("given_kana").otherwise("given_name"),
    )
    return plain.with_columns(
        family_name=pl.when(other_order).then("given_name").otherwise("family_name"),
        given_name=pl.when(other_order).then("family_name").otherwise("given_name"),
        family_kana=pl.when(other_order).then("given_kana").otherwise("family_kana"),
        given_kana=pl.when(other_order).then("family_kana").otherwise("given_kana"),
    )


def _addresses(home: pl.DataFrame, department: Department, dice: Dice, profile: Profile) -> pl.Series:
    """Addresses in the department's form, in some records in another, with or without building and room."""
    with_room = pl.Series(~dice.slip(profile.room_missing)[0])
    mixed, how = dice.slip(profile.mixed_forms)
    usual = ADDRESSES.index(department.address)
    form = pl.Series(np.where(mixed, np.floor(how * len(ADDRESSES)), usual))
    written = pl.lit(None, dtype=pl.String)
    for index, name in enumerate(ADDRESSES):
        written = pl.when(form == index).then(write_addresses(home, name, with_room)).otherwise(written)
    return pl.select(written.alias("address"))["address"]


def _in_forms(record: pl.DataFrame, department: Department, dice: Dice, profile: Profile) -> pl.DataFrame:
    """Dates, readings, postal codes and phones in the department's form, in some records in another."""

    def mixed(usual: pl.Series, other: pl.Series) -> pl.Series:
        mask = pl.Series(dice.slip(profile.mixed_forms)[0])
        return pl.select(pl.when(mask).then(other).otherwise(usual).alias(usual.name))[usual.name]

    other_kana = "half" if department.kana == "katakana" else "katakana"
    columns = {
        name: mixed(KANA[department.kana](record[name]), KANA[other_kana](record[name]))
        for name in ("family_kana", "given_kana", "guardian_kana")
    }
    columns["birth_date"] = mixed(
        write_dates(record["birth_date"], department.date), write_dates(record["birth_date"], "slash")
    )
    spaced, close = record["guardian_name"], record["guardian_name"].str.replace("　", "")
    columns["guardian_name"] = mixed(spaced, close)
    columns["as_of"] = write_dates(record["as_of"], department.date)
    columns["postal_code"] = mixed(
        POSTAL[department.postal](record["postal_code"]), POSTAL["wide"](record["postal_code"])
    )
    columns["phone"] = mixed(PHONES[department.phone](record["phone"]), PHONES["wide"](record["phone"]))
    return record.with_columns(**columns)
