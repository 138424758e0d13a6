"""From accepted records to comparison keys: the one page that says which column becomes which key.

Each function of a string runs once per different value of its column. Nothing here compares records or knows of
sources; `vocabulary.frames` says what each key means.
"""

import polars as pl

from linkage.addresses import phone_key, postal_key
from linkage.latin_addresses import any_address_key
from linkage.names import is_kana, kana_key, name_key
from linkage.shared_numbers import shared_number_key
from linkage.unique import map_unique
from linkage.words import name_words
from vocabulary.frames import KEY, STANDARDISED

OWN_CITY_SHARE = 0.1  # a city that stands in fewer of the addresses is not the city of the delivery
_CITY = (
    r"^((?:[四廿八]日市|野々市|市川|市原|[^市]{1,6})市"
    r"|[^市区町村郡]{1,5}区"
    r"|[^市区町村郡]{1,5}郡[^市区郡]{1,5}?[町村])"
)


def standardise(records: pl.DataFrame) -> pl.DataFrame:
    """Comparison keys of each record.

    Parameters
    ----------
    records
        Schema `vocabulary.frames.RECORDS`.

    Returns
    -------
    pl.DataFrame
        Schema `vocabulary.frames.STANDARDISED`, the rows in their order.
    """
    names = _names(records, "family_name", "given_name")
    readings = _names(records, "family_kana", "given_kana")
    columns = [
        *records.select(KEY.keys()),
        map_unique(names["family_name"], name_key).alias("family"),
        map_unique(names["given_name"], name_key).alias("given"),
        _reading(readings["family_kana"], names["family_name"]),
        _reading(readings["given_kana"], names["given_name"]),
        records["birth_date"],
        records["sex"],
        map_unique(records["postal_code"], postal_key).alias("postal"),
        *_addresses(records["address"]),
        map_unique(records["guardian_name"], name_key).alias("guardian"),
        _reading(records["guardian_kana"], records["guardian_name"]),
        map_unique(records["phone"], phone_key),
        map_unique(records["shared_number"], shared_number_key),
        name_words(records),
    ]
    return pl.DataFrame(columns, schema=STANDARDISED)


def _names(records: pl.DataFrame, family: str, given: str) -> pl.DataFrame:
    """Family and given name, parted at the space where one field holds both and the other is empty."""
    held = records.select(
        pl.col(column).str.replace_all(r"\s+", " ").str.strip_chars().replace("", None) for column in (family, given)
    )
    both = pl.coalesce(family, given).str.splitn(" ", 2)
    alone = pl.col(family).is_null() ^ pl.col(given).is_null()
    parted = alone & both.struct.field("field_1").is_not_null()
    return held.select(
        pl.when(parted).then(both.struct.field("field_0")).otherwise(family).alias(family),
        pl.when(parted).then(both.struct.field("field_1")).otherwise(given).alias(given),
    )


def _reading(kana: pl.Series, name: pl.Series) -> pl.Series:
    """Key of a reading; where there is none, of the name if that is written in kana."""
    key = map_unique(kana, kana_key)
    asked = name.set(key.is_not_null(), None)
    in_kana = map_unique(asked, lambda value: kana_key(value) if is_kana(value) else None)
    return pl.select(pl.coalesce(key, in_kana).alias(kana.name)).to_series()


def _addresses(addresses: pl.Series) -> list[pl.Series]:
    """Town, block and room, the city of the delivery left out of the town: some offices write it, some do not."""
    different = addresses.drop_nulls().unique()
    keys = pl.DataFrame(
        [any_address_key(value) for value in different.to_list()],
        schema={"town": pl.String, "block": pl.String, "room": pl.String},
        orient="row",
    ).with_columns(pl.all().replace("", None))
    found = addresses.to_frame("address").join(
        keys.with_columns(different.alias("address")), on="address", how="left", maintain_order="left"
    )
    return [_without_own_city(found["town"]), found["block"], found["room"]]


def _without_own_city(towns: pl.Series) -> pl.Series:
    """`towns` without the city that begins more of them than any other does, if it begins a tenth at least."""
    different = towns.drop_nulls().value_counts()
    cities = different.select(pl.col("town").str.extract(_CITY, 1), "count").drop_nulls()
    counted = cities.group_by("town").agg(pl.col("count").sum()).sort(["count", "town"], descending=[True, False])
    if counted.height == 0 or counted["count"][0] < OWN_CITY_SHARE * (len(towns) - towns.null_count()):
        return towns
    city = counted["town"][0]
    forms = [city, city.split("郡", 1)[-1]] if city.endswith(("町", "村")) else [city]
    bare = pl.DataFrame({"town": towns}).select(
        pl.coalesce(
            pl.when(pl.col("town").str.starts_with(form)).then(pl.col("town").str.strip_prefix(form))
            for form in (*forms, "")
        )
    )
    return bare.to_series().replace("", None).alias("town")
