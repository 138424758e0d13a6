"""What the pages of link review are given: what waits, two groups of records side by side, a child's records.

`LinkReviews` is what they ask; `mimamori.serving_reviews` answers it by the functions of the terminal. `pair` and
`person` show names and numbers of children: the view, with the ids of these children, is in the log before a record is
read. The queue, the decisions, the merges and splits and the sample show no record, and are no views of a child.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from governance.review_state import Verdict
from governance.reviews import Review

Which = Literal["waiting", "held", "second", "sample"]
"""Joinings that are doubtful; those of them on which a flag waits; those that wait for a second person; those drawn to
estimate the error."""


@dataclass(frozen=True)
class Waiting:
    """A joining to be decided. `probability` is null in a sample, where it is not to sway anybody."""

    left: int
    right: int
    probability: float | None
    joined: bool | None
    records: int  # of the smaller side
    sources: tuple[str, ...]
    first: date
    last: date


@dataclass(frozen=True)
class Queue:
    """A page of what waits, and how far the work is."""

    run_id: str
    rows: tuple[Waiting, ...]
    total: int
    decided: int  # that stand of this run


@dataclass(frozen=True)
class Number:
    """A number of a source, with its first and last record."""

    source: str
    local_id: str
    first: date
    last: date
    records: int


@dataclass(frozen=True)
class Value:
    """A value as it was delivered first, and the fiscal years of the first and the last record that showed it."""

    value: str
    first: int
    last: int


@dataclass(frozen=True)
class Field:
    """A column, and what either side showed of it."""

    name: str
    agreement: Literal["match", "differ", "blank"]
    left: tuple[Value, ...]
    right: tuple[Value, ...]


@dataclass(frozen=True)
class Step:
    """A step of the evidence: what it is called and says, its bits, the sum before and after it."""

    name: str
    said: str
    bits: float
    before: float
    after: float


@dataclass(frozen=True)
class Reading:
    """One child against strangers, or against brothers and sisters: its steps, and what their sum is called."""

    title: str
    steps: tuple[Step, ...]
    total: str


@dataclass(frozen=True)
class Pair:
    """Two groups of records side by side. Identities.

    `said` is what the run made of them, in words, and `readings` why. Both are empty where the evidence is not shown;
    where another version linked the run, `said` tells that, and `readings` is empty. `decision` is the one that stands,
    null too where one waits for a second person, who is to judge alone.
    """

    run_id: str
    left: int
    right: int
    numbers_left: tuple[Number, ...]
    numbers_right: tuple[Number, ...]
    fields: tuple[Field, ...]
    said: tuple[str, ...]
    readings: tuple[Reading, ...]
    decision: Review | None
    persons: tuple[str, str]


@dataclass(frozen=True)
class Group:
    """Records of one number that agree on who it is: a node of a child's graph."""

    profile: int
    source: str
    local_id: str
    first: date
    last: date
    records: int


@dataclass(frozen=True)
class Link:
    """A joining between two groups, or an offer to another child that was not taken."""

    left: int
    right: int
    bits: float
    probability: float
    verdict: str | None
    other: str | None  # the other child, of an offer


@dataclass(frozen=True)
class Person:
    """What holds a child's records together, from the strongest joining to the weakest. Identities."""

    run_id: str
    person_id: str
    groups: tuple[Group, ...]
    joined: tuple[Link, ...]
    apart: tuple[Link, ...]


@dataclass(frozen=True)
class Event:
    """A merge or a split of ids in the run, by its number."""

    event: int
    kind: str
    person_id: str
    other_id: str
    records: int
    reason: str


@dataclass(frozen=True)
class Estimated:
    """A share with its 95 % interval, from so many draws."""

    value: float
    low: float
    high: float
    draws: int


@dataclass(frozen=True)
class SampleState:
    """A drawn sample: how much of it is decided, and, once all is, what it says of the run."""

    total: int
    waiting: int
    precision: Estimated | None
    recall: Estimated | None


class LinkReviews(Protocol):
    """What the pages ask. `actor` is the account's name; errors are MimamoriError in words, refusals among them."""

    def queue(self, which: Which, *, actor: str, start: int, rows: int) -> Queue:
        """What waits, the most informative first; a sample in an order that says nothing."""

    def next_after(self, which: Which, *, actor: str) -> tuple[int, int] | None:
        """The first that waits."""

    def pair(self, left: int, right: int, *, actor: str, evidence: bool) -> Pair:
        """Two groups, once the view is in the log; with `evidence`, what the run made of them too."""

    def person(self, person_id: str, *, actor: str) -> Person:
        """What holds a child's records together, once the view is in the log."""

    def decide(self, left: int, right: int, *, verdict: Verdict, reason: str, actor: str) -> Review:
        """A verdict on two groups."""

    def confirm_person(self, left: int, right: int, *, reason: str, actor: str) -> int:
        """The verdict `same` on every joining of the child that holds both; how many there were."""

    def undo(self, review_id: str, *, reason: str, actor: str) -> Review:
        """Take a decision back."""

    def decided(self) -> list[Review]:
        """Every decision, newest first."""

    def events(self) -> tuple[Event, ...]:
        """Merges and splits of the run."""

    def revert(self, event: int, *, reason: str, actor: str) -> int:
        """Undo one by decisions; how many."""

    def sample(self) -> SampleState | None:
        """The sample drawn last; None where there is none."""

    def draw(self, persons: int, *, offers: int, actor: str) -> None:
        """Draw a sample and log it."""
