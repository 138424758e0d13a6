"""Where families live: the homes of an imaginary city, houses and apartments, with the parts of their addresses."""

import numpy as np
import polars as pl

from synthetic.chance import happens, stream
from synthetic.data import read_toml

APARTMENT = 0.45
BUILDINGS = 900
PREFIXES, PREFIX_SHARES = ("0900", "0800", "0700", "072900"), (0.5, 0.28, 0.1, 0.12)


def build_homes(seed: int, count: int) -> pl.DataFrame:
    """`count` homes, one a row: town, postal (seven digits), chome, ban, go, building and room (null for a house).

    Many families share an apartment building, told apart by the room alone.
    """
    rng = stream(seed, "homes")
    apartment = happens(rng, APARTMENT, count)
    sites = _sites(rng, BUILDINGS + count)
    site = np.where(apartment, rng.integers(0, BUILDINGS, count), BUILDINGS + np.arange(count))
    building = _buildings(rng)
    room = 100 * rng.integers(1, 9, count) + rng.integers(1, 9, count)
    return sites[site].with_columns(
        building=pl.when(pl.Series(apartment)).then(building.gather(np.where(apartment, site, 0))),
        room=pl.when(pl.Series(apartment)).then(pl.Series(room).cast(pl.String)),
    )


def _sites(rng: np.random.Generator, count: int) -> pl.DataFrame:
    towns = pl.DataFrame(read_toml("towns.toml")["towns"])
    weights = 1 / (np.arange(len(towns)) + 6)
    chosen = rng.choice(len(towns), count, p=weights / weights.sum())
    return towns[chosen].select(
        pl.col("name").alias("town"),
        "postal",
        chome=pl.Series(rng.integers(1, 7, count)),
        ban=pl.Series(rng.integers(1, 31, count)),
        go=pl.Series(rng.integers(1, 26, count)),
    )


def _buildings(rng: np.random.Generator) -> pl.Series:
    kinds = pl.Series(read_toml("towns.toml")["buildings"])
    towns = pl.DataFrame(read_toml("towns.toml")["towns"])["name"]
    town = towns.gather(rng.integers(0, len(towns), BUILDINGS))
    kind = kinds.gather(rng.integers(0, len(kinds), BUILDINGS))
    flipped = pl.Series(happens(rng, 0.5, BUILDINGS))
    return pl.select(pl.when(flipped).then(kind + town).otherwise(town + kind).alias("building"))["building"]


def build_phones(seed: int, count: int) -> pl.Series:
    """`count` telephone numbers as digits: mobile ones, and a few of the fixed network."""
    rng = stream(seed, "phones")
    prefix = pl.Series(np.array(PREFIXES)[rng.choice(len(PREFIXES), count, p=PREFIX_SHARES)])
    digits = pl.Series(rng.integers(0, 10**7, count)).cast(pl.String).str.zfill(7)
    length = pl.when(prefix.str.starts_with("0729")).then(10).otherwise(11)
    return pl.select((prefix + digits).str.slice(0, length).alias("phone"))["phone"]
