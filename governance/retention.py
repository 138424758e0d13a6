"""How long data is kept: classes after municipal practice, as data, and the days that an approval sets.

Every class of data of a run, and every delivered file, has a retention class (`retention.toml`) and is bound by the
days of the approval it was made under, as amended since; whichever ends first is its last day. Classes in years are
counted as municipal filing rules count them, from the 1 April after.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from governance.approval import Approval

DELIVERED = "delivered"
"""What delivered files are called among the kinds of data that are kept."""


class RetentionClass(BaseModel):
    """One class: a number of fiscal years, a number of days, or until the purpose ends."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    years: int | None = Field(None, ge=1)
    counted_from: Literal["fiscal_year"] | None = None
    days: int | None = Field(None, ge=1)
    ends: Literal["purpose"] | None = None

    @model_validator(mode="after")
    def _one_way_of_counting(self) -> "RetentionClass":
        if sum(value is not None for value in (self.years, self.days, self.ends)) != 1:
            raise ValueError("a class has years, days or an end")
        if (self.years is None) != (self.counted_from is None):
            raise ValueError("years are counted from a fiscal year")
        return self

    def last_day(self, made: date, *, purpose_ends: date) -> date:
        """The last day on which what was made on `made` is kept.

        Parameters
        ----------
        made
            The day on which it was made.
        purpose_ends
            Last day of the approval, or the day of its revocation.
        """
        if self.years is not None:
            begin = made.year + (made.month >= 4)  # the 1 April after; what is made on one counts from the next
            return date(begin + self.years, 3, 31)
        if self.days is not None:
            return _after(made, self.days)
        return max(made, purpose_ends)


class Kept(BaseModel):
    """The class of one kind of data, and the field of an approval that binds it too."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    retention_class: str = Field(alias="class")
    bound_by: Literal["retention_days", "extract_retention_days"]


@dataclass(frozen=True)
class Term:
    """Until when something is kept."""

    until: date  # the last day
    rule: str  # what set it: a retention class, or the field of the approval


@cache
def classes() -> Mapping[str, RetentionClass]:
    """The retention classes by name."""
    return {name: RetentionClass.model_validate(stated) for name, stated in _rules()["classes"].items()}


@cache
def kept() -> Mapping[str, Kept]:
    """By kind of data (the values of `custody.DataClass`, and `DELIVERED`), how long it is kept."""
    return {name: Kept.model_validate(stated) for name, stated in _rules()["kept"].items()}


def term(kind: str, made: date, approval: Approval, *, revoked: date | None = None) -> Term:
    """Until when data of a kind is kept.

    Parameters
    ----------
    kind
        A key of `kept`.
    made
        The day on which it was made or, of delivered files, first read.
    approval
        Under which it was made.
    revoked
        The day on which the approval was revoked; None where it was not.
    """
    rule = kept()[kind]
    purpose_ends = approval.valid_until if revoked is None else min(revoked, approval.valid_until)
    by_class = classes()[rule.retention_class].last_day(made, purpose_ends=purpose_ends)
    by_approval = _after(made, int(getattr(approval, rule.bound_by)))
    return Term(by_class, rule.retention_class) if by_class < by_approval else Term(by_approval, rule.bound_by)


def _after(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max


def _rules() -> dict[str, dict[str, object]]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
