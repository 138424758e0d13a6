"""How two profiles are compared, attribute by attribute: the levels of agreement and what is expected of them.

Each comparison is a list of levels from the strongest to none; their SQL is in `linkage.conditions`.

`individual` comparisons tell a child from its brothers and sisters; `household` comparisons do not.
"""

from dataclasses import dataclass
from typing import Literal

from linkage.conditions import (
    absent,
    at_one_time,
    common,
    near_date,
    near_house,
    near_name,
    no_words,
    one_character,
    one_edit,
    reading_agrees,
    same_guardian,
    same_main,
    same_reading,
    same_town,
    swapped,
    two_date_parts,
    words,
)


@dataclass(frozen=True)
class Level:
    """One level of agreement.

    Attributes
    ----------
    label
        What agrees.
    condition
        SQL over the columns of the two profiles, suffixed `_l` and `_r`; `ELSE` for the last level.
    frequency_column
        Agreement at this level is weighted by the frequency of the agreed value, which stands in this column of both: a
        rare name in common says more.
    m, u
        Expected share of this level among pairs of one child, and of two strangers: where training starts, and what is
        kept where the data say little. So are the others.
    sibling, twin
        Of individual comparisons: among two children of one household, and among those of them born on one day, for
        which the birth date itself is left out.
    other_parent, changed
        Of household comparisons: among pairs of one child of which one record names another of its parents, and of one
        child whose household changed.
    """

    label: str
    condition: str
    m: float
    u: float
    sibling: float | None = None
    twin: float | None = None
    other_parent: float | None = None
    changed: float | None = None
    frequency_column: str | None = None

    @property
    def by_frequency(self) -> bool:
        """Whether the agreed value's frequency counts."""
        return self.frequency_column is not None


@dataclass(frozen=True)
class Comparison:
    """A comparison: what it tells apart, the SQL of "nothing to compare", its levels from strongest to none."""

    name: str
    role: Literal["individual", "household"]
    missing: str
    levels: tuple[Level, ...]

    @property
    def by_frequency(self) -> bool:
        """Whether a level counts the frequency of the agreed value."""
        return any(level.by_frequency for level in self.levels)


COMPARISONS = (
    Comparison(
        "given_name",
        "individual",
        f"({absent('given', 'given_kana')} AND {no_words()})",
        (
            Level(
                "same",
                f"{same_main('given')} AND {reading_agrees()}",
                m=0.78,
                u=2e-3,
                sibling=1e-4,
                twin=0.001,
                frequency_column="given_main",
            ),
            Level("in common", f"{common('given')} AND {reading_agrees()}", m=0.05, u=5e-4, sibling=5e-5, twin=0.001),
            Level(
                "reading in common and kanji not told apart",
                f"{common('given_kana')} AND ({absent('given')} OR {one_character('given_main')})",
                m=0.07,
                u=1e-3,
                sibling=5e-4,
                twin=0.002,
                frequency_column="given_kana_main",
            ),
            Level("swapped", swapped(), m=0.02, u=1e-4, sibling=1e-4, twin=2e-4),
            Level("two words of the name in common", words(2), m=0.01, u=5e-4, sibling=1e-3, twin=0.003),
            Level(
                "reading in common",
                common("given_kana"),
                m=0.01,
                u=2e-3,
                sibling=5e-4,
                twin=0.003,
                frequency_column="given_kana_main",
            ),
            Level("same with another reading", common("given"), m=0.02, u=1e-3, sibling=1e-3, twin=0.003),
            Level("near", near_name("given"), m=0.04, u=0.03, sibling=0.05, twin=0.2),
            Level("different", "ELSE", m=0.005, u=0.964, sibling=0.949, twin=0.79),
        ),
    ),
    Comparison(
        "birth_date",
        "individual",
        absent("birth_date"),
        (
            Level("in common", common("birth_date"), m=0.97, u=2e-4, sibling=0.015),
            Level("one slip apart", near_date(), m=0.02, u=4e-3, sibling=0.01),
            Level("two of year, month and day", two_date_parts(), m=0.004, u=0.03, sibling=0.03),
            Level("different", "ELSE", m=0.001, u=0.966, sibling=0.945),
        ),
    ),
    Comparison(
        "sex",
        "individual",
        absent("sex"),
        (
            Level("in common", common("sex"), m=0.99, u=0.5, sibling=0.5, twin=0.65),
            Level("different", "ELSE", m=0.01, u=0.5, sibling=0.5, twin=0.35),
        ),
    ),
    Comparison(
        "shared_number",
        "individual",
        absent("shared_number"),
        (
            Level("in common", common("shared_number"), m=0.97, u=2e-6, sibling=1e-5, twin=1e-4),
            Level("one slip apart", one_edit("shared_number_main", 6), m=0.01, u=1e-3, sibling=1e-2, twin=1e-2),
            Level("different", "ELSE", m=0.02, u=0.998998, sibling=0.98999, twin=0.9899),
        ),
    ),
    Comparison(
        "family_name",
        "household",
        absent("family", "family_kana"),
        (
            Level(
                "same, at one time",
                f"{same_main('family')} AND {at_one_time('family')}",
                m=0.63,
                u=4e-3,
                other_parent=0.63,
                changed=0.15,
                frequency_column="family_main",
            ),
            Level(
                "same",
                same_main("family"),
                m=0.2,
                u=1e-3,
                other_parent=0.2,
                changed=0.1,
                frequency_column="family_main",
            ),
            Level("in common", common("family"), m=0.07, u=5e-4, other_parent=0.07, changed=0.02),
            Level(
                "reading in common, or swapped",
                f"({same_reading('family')} OR {words(2)})",
                m=0.08,
                u=1e-3,
                other_parent=0.08,
                changed=0.02,
            ),
            Level("near", near_name("family"), m=0.01, u=0.03, other_parent=0.01, changed=0.02),
            Level("different", "ELSE", m=0.01, u=0.963, other_parent=0.01, changed=0.69),
        ),
    ),
    Comparison(
        "address",
        "household",
        absent("address", "postal", "town"),
        (
            Level(
                "same, at one time",
                f"{same_main('address')} AND {at_one_time('address')}",
                m=0.6,
                u=2e-4,
                other_parent=0.6,
                changed=0.01,
                frequency_column="address_main",
            ),
            Level(
                "same",
                same_main("address"),
                m=0.15,
                u=2e-4,
                other_parent=0.15,
                changed=0.01,
                frequency_column="address_main",
            ),
            Level("in common", common("address"), m=0.1, u=2e-4, other_parent=0.1, changed=0.01),
            Level("near", near_house(), m=0.05, u=1e-3, other_parent=0.05, changed=0.01),
            Level("town or postal code in common", same_town(), m=0.05, u=0.05, other_parent=0.05, changed=0.10),
            Level("different", "ELSE", m=0.05, u=0.948, other_parent=0.05, changed=0.86),
        ),
    ),
    Comparison(
        "telephone",
        "household",
        absent("phone"),
        (
            Level("in common", common("phone"), m=0.90, u=2e-4, other_parent=0.05, changed=0.10),
            Level("one digit apart", one_edit("phone_main", 9), m=0.01, u=1e-5, other_parent=0.001, changed=1e-3),
            Level("different", "ELSE", m=0.09, u=0.9998, other_parent=0.949, changed=0.90),
        ),
    ),
    Comparison(
        "guardian",
        "household",
        absent("guardian", "guardian_kana"),
        (
            Level(
                "same",
                same_main("guardian"),
                m=0.55,
                u=2e-4,
                other_parent=0.04,
                changed=0.12,
                frequency_column="guardian_main",
            ),
            Level("in common", same_guardian(), m=0.1, u=1e-4, other_parent=0.01, changed=0.03),
            Level("given name in common", common("guardian_given"), m=0.02, u=5e-3, other_parent=0.01, changed=0.35),
            Level("near", one_edit("guardian_code", 5), m=0.01, u=1e-3, other_parent=0.001, changed=0.01),
            Level("different", "ELSE", m=0.32, u=0.99, other_parent=0.939, changed=0.49),
        ),
    ),
)

INDIVIDUAL = [comparison for comparison in COMPARISONS if comparison.role == "individual"]
HOUSEHOLD = [comparison for comparison in COMPARISONS if comparison.role == "household"]
