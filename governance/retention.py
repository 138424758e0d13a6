"""How long data is kept: classes after municipal practice, as data, and the days that an approval sets.

Every class of data of a run, and every delivered file, has a retention class (`retention.toml`) and is bound by the
days of the approval it was made under, as amended since; whichever ends first is its last day. Classes in years are
counted as municipal filing rules count them, from the 1 April after. A city may set another class of a kind in
`mimamori.toml`. Results of a run that is the archive of a reference date have the class `archive`, which is longer; the
days of the approval bind them all the same.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from governance.approval import Approval
from vocabulary.texts import text

DELIVERED = "delivered"
"""What delivered files are called among the kinds of data that are kept."""

EXTRACTED, RESULTS = (DELIVERED, "extracts"), ("identities", "pseudonymous")
"""Kinds of data that were delivered, and kinds that runs make of them."""


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


class Archive(BaseModel):
    """Which reference dates have an archive, of what, and how long that is kept."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    retention_class: str = Field(alias="class")
    kinds: tuple[str, ...]  # of data that are kept longer
    dates: tuple[tuple[int, int], ...]  # month and day of each year

    def date_of(self, day: date) -> date:
        """The last reference date on or before `day`."""
        of_years = [date(year, month, at) for year in (day.year - 1, day.year) for month, at in self.dates]
        return max(one for one in of_years if one <= day)


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


@cache
def of_cases() -> RetentionClass:
    """The class of closed cases."""
    return classes()[str(_rules()["cases"]["class"])]


@cache
def archive() -> Archive:
    """What is said of archives."""
    return Archive.model_validate(_rules()["archive"])


def _known(chosen: dict[str, str]) -> dict[str, str]:
    for kind, name in chosen.items():
        if kind not in kept() or name not in classes():
            kinds, names = ", ".join(kept()), ", ".join(classes())
            told = text("retention.class_unknown", kind=kind, name=name, kinds=kinds, classes=names)
            raise PydanticCustomError("retention", told)
    return chosen


Chosen = Annotated[dict[str, str], AfterValidator(_known)]
"""Classes that a city sets for kinds of data in place of those of `retention.toml`."""


def term(
    kind: str,
    made: date,
    approval: Approval,
    *,
    revoked: date | None = None,
    chosen: Mapping[str, str] | None = None,
    is_archive: bool = False,
) -> Term:
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
    chosen
        Classes that the city's settings have for some kinds.
    is_archive
        Whether it is of the run that is the archive of a reference date.
    """
    purpose_ends = approval.valid_until if revoked is None else min(revoked, approval.valid_until)

    def shorter(of: str, name: str) -> Term:
        by_class = Term(classes()[name].last_day(made, purpose_ends=purpose_ends), name)
        field = kept()[of].bound_by
        by_approval = Term(_after(made, int(getattr(approval, field))), field)
        return by_class if by_class.until < by_approval.until else by_approval

    bounding = (kind, *RESULTS) if kind in EXTRACTED else (kind,)  # an extract is never kept longer than results
    found = [shorter(one, (chosen or {}).get(one, kept()[one].retention_class)) for one in bounding]
    if is_archive and kind in archive().kinds:
        return max(found[0], shorter(kind, archive().retention_class), key=lambda one: one.until)
    return min(found, key=lambda one: one.until)


def _after(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max


def _rules() -> dict[str, dict[str, object]]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
