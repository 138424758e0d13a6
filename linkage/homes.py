"""Homes: who ever lived together, by what their profiles show."""

import polars as pl

LARGEST_HOUSEHOLD = 40
"""Profiles with one telephone, or one address and family name; above it is a home for children or a placeholder."""


def homes(profiles: pl.DataFrame) -> pl.DataFrame:
    """`home`, `profile`, each once: who ever showed a telephone, or a family name at an address."""
    at_address = profiles.select("profile", "family", "address").explode("address").explode("family").drop_nulls()
    by_phone = profiles.select("profile", "phone").explode("phone").drop_nulls()
    return pl.concat(
        [
            at_address.select(pl.struct("address", "family").hash().alias("home"), "profile"),
            by_phone.select(pl.struct("phone").hash().alias("home"), "profile"),
        ]
    )
