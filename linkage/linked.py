"""What a linkage gives, and what of it the next one needs."""

from dataclasses import dataclass

import polars as pl

from linkage.clusters import Clusters
from linkage.model import Model
from linkage.profiles import Profiles


@dataclass(frozen=True)
class Known:
    """What an earlier linkage left, with the meaning it has in `Linkage`."""

    keys: pl.DataFrame
    profiles: Profiles
    pairs: pl.DataFrame
    by_evidence: Clusters


@dataclass(frozen=True)
class Linkage:
    """Which records are one child, and what that rests on. Enough to link a later delivery with it.

    Attributes
    ----------
    keys
        STANDARDISED of every record, names that stood in each other's columns turned round.
    profiles
        The profiles that were linked and the records behind them.
    pairs
        Every pair of profiles that was compared: its levels of agreement, circumstances, `evidence`, `against`
        and the part of the evidence that is household `support`.
    by_evidence
        The profiles of each child as the evidence alone has it (`linkage.clusters`).
    clusters
        The profiles of each child (`linkage.completing`).
    model
        The frozen model that weighed them.
    """

    keys: pl.DataFrame
    profiles: Profiles
    pairs: pl.DataFrame
    by_evidence: Clusters
    clusters: Clusters
    model: Model

    @property
    def known(self) -> Known:
        """What the next linkage needs."""
        return Known(self.keys, self.profiles, self.pairs, self.by_evidence)
