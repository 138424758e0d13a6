"""What an estimate of effect tells, and how it is told: statistics only, small counts hidden, no id of a person.

A count below `SMALLEST_CELL`, zero too, is not given, every other is rounded to `ROUNDED_TO`, so that the difference of
two counts does not give a hidden one away. A share of which either side is fewer than `SMALLEST_CELL` is told as none
or as all (`coded_share`), since with the size of its group it would give that count.
"""

from typing import Literal

from evaluation.rate import Figures
from vocabulary.source import Titled

FEWEST = 30
"""Matched sets below which nothing is estimated."""
SMALLEST_CELL = 10
"""Children below which a count is not given."""
ROUNDED_TO = 5
DIGITS = 4


class Measure(Figures):
    """What has to be known of an indicator: its name, which direction is worse, and how a value is said."""

    name: str
    worse: Literal["higher", "lower"]
    title: Titled
    amount: Titled  # with {value}
    decimals: int = 1


Aspect = Literal["level", "change", "unknown"]
"""What of an indicator describes a child before support: its value, its change, or that it is not known."""


class Count(Figures):
    """A number of children, rounded; `shown` is null where there are fewer than `SMALLEST_CELL`, or none."""

    shown: int | None

    @classmethod
    def of(cls, number: int) -> "Count":
        """Hide or round a number."""
        return cls(shown=None if number < SMALLEST_CELL else ROUNDED_TO * round(number / ROUNDED_TO))


def coded_share(hits: int, of: int, share: float | None = None) -> float:
    """Share of `hits` in `of` children, to two digits; 0 of fewer than `SMALLEST_CELL`, 1 where so few are left out.

    `share` is told instead of the plain one, where children weigh differently.
    """
    if hits < SMALLEST_CELL:
        return 0.0
    if of - hits < SMALLEST_CELL:
        return 1.0
    return round(hits / of if share is None else share, 2)


class Estimate(Figures):
    """A difference with its 95 % interval and two-sided p value, from `sets` matched sets."""

    value: float
    low: float
    high: float
    p: float
    sets: Count

    @property
    def holds_zero(self) -> bool:
        """Whether no difference is within the interval."""
        return self.low <= 0 <= self.high


class Flow(Figures):
    """How many children named as supported came into the comparison, and how many others stand beside them."""

    named: Count
    not_in_run: Count  # the run knows no such child
    doubtful_link: Count  # the link that holds the records together is too weak
    no_record_before: Count  # nothing is known of the year before support began
    no_partner: Count  # nobody alike enough
    matched: Count
    comparison: Count
    candidates: Count  # children never named, with a record in the year before


class Balance(Figures):
    """How far supported and comparison children differ in one covariate, in standard deviations (pooled over both)."""

    indicator: str
    aspect: Aspect
    before: float  # against every candidate
    after: float  # against the matched comparison


class Band(Figures):
    """One of the equal bands into which the estimated chance of support divides the supported children."""

    band: int  # 1: least likely to be supported
    candidates_per_child: float  # 0 where they are fewer than `SMALLEST_CELL`


class Followed(Figures):
    """Share of the matched children whose outcome is known, of those whose year has been delivered (`coded_share`)."""

    supported: float | None
    comparison: float | None

    @property
    def gap(self) -> float:
        """How far the shares differ; 0 where one is not given."""
        if self.supported is None or self.comparison is None:
            return 0.0
        return abs(self.supported - self.comparison)


class OutcomeEffect(Figures):
    """One outcome, `horizon` years after the year in which support began, against the year before it.

    `estimate` is null where fewer than `FEWEST` matched sets could be followed. `before_after` and `plain_difference`
    are what would be seen without a comparison group, and without matching.
    """

    outcome: str
    horizon: int
    followed: Followed
    estimate: Estimate | None
    p_holm: float | None = None
    standardised: float | None = None
    e_value: float | None = None
    e_value_limit: float | None = None
    before_after: float | None = None
    plain_difference: float | None = None


class Course(Figures):
    """Difference between the groups in a year beside that of the year before support, for the picture."""

    outcome: str
    offset: int  # years since the year in which support began
    estimate: Estimate


class Effect(Figures):
    """The whole of it."""

    first_year: int
    last_year: int
    per_child: int
    flow: Flow
    balance: tuple[Balance, ...]
    bands: tuple[Band, ...]
    propensity_auc: float
    without_partner: float  # share of the supported (`coded_share`)
    supported_later: float  # share of the comparison children who were, within the years followed (`coded_share`)
    outcomes: tuple[OutcomeEffect, ...]
    placebo: tuple[Course, ...]  # three years before support, which matching did not look at
    course: tuple[Course, ...]

    @property
    def worst_balance(self) -> float:
        """Largest difference left in any covariate after matching, in standard deviations."""
        return max((abs(row.after) for row in self.balance), default=0.0)

    @property
    def failed_placebos(self) -> tuple[str, ...]:
        """Outcomes in which the groups already differed three years before support."""
        return tuple(course.outcome for course in self.placebo if not course.estimate.holds_zero)

    def to_json(self) -> str:
        """The figures as JSON."""
        return self.model_dump_json(indent=1)
