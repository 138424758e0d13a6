"""Homes: who ever lived together, by what their profiles show."""

import polars as pl

LARGEST_HOUSEHOLD = 40
"""Profiles with one telephone, or one address and family name; above it is a home for children or a placeholder."""


def homes(profiles: pl.DataFrame) -> pl.DataFrame:
    """`home`, `profile`: who ever showed a telephone, or a family name at an address."""
    at_address = profiles.select("profile", "family", "address").explode("address").explode("family").drop_nulls()
    by_phone = profiles.select("profile", "phone").explode("phone").drop_nulls()
    shown = pl.concat(
        [
            at_address.select("profile", home=pl.struct("address", "family").hash()),
            by_phone.select("profile", home=pl.struct("phone").hash()),
        ]
    )
    return shown.unique().select("home", "profile")
