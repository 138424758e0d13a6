"""The three departments as keepers of records: what they ask for, how promptly they learn of changes, how they write.

Forms are those section 1 of the contract has seen in the wild.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Department:
    """One department's ways. The names of forms are those of `synthetic.forms`."""

    name: str
    late: float  # factor on the profile's `late_update`
    keeps_surname: float  # share of families whose child goes on under the old surname for some years
    asks_mother: float  # share of two-parent families whose mother stands as guardian
    renews_at_household_change: float
    renews_at_school_stage: bool
    number: str  # polars format of a local number; {} is a serial
    kana: str
    date: str
    sex: tuple[str, str]  # male, female
    postal: str
    address: str
    phone: str


WELFARE = Department(
    name="welfare",
    late=0.4,
    keeps_surname=0.0,
    asks_mother=0.25,
    renews_at_household_change=0.3,
    renews_at_school_stage=False,
    number="100{}",
    kana="half",
    date="wareki",
    sex=("1", "2"),
    postal="plain",
    address="kanji_chome",
    phone="plain",
)
SCHOOL = Department(
    name="school",
    late=1.2,
    keeps_surname=0.35,
    asks_mother=0.4,
    renews_at_household_change=0.0,
    renews_at_school_stage=True,
    number="S{}",
    kana="hiragana",
    date="wareki_long",
    sex=("男", "女"),
    postal="hyphen",
    address="long",
    phone="hyphen",
)
HEALTH = Department(
    name="health",
    late=1.0,
    keeps_surname=0.0,
    asks_mother=0.85,
    renews_at_household_change=0.05,
    renews_at_school_stage=False,
    number="K{}",
    kana="katakana",
    date="iso",
    sex=("M", "F"),
    postal="hyphen",
    address="hyphens",
    phone="hyphen",
)
DEPARTMENTS = {department.name: department for department in (WELFARE, SCHOOL, HEALTH)}
