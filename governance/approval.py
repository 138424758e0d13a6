"""An approval: who allowed which sources and columns to be read, for what, on what legal basis, until when.

Its file is TOML (section 1 of the contract). Reading it checks every field; one bad field gives one line that names
the file, the field, the rule and the remedy.
"""

import tomllib
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from vocabulary.errors import ApprovalError
from vocabulary.source import BY_NAME_ONLY, IDENTITY_COLUMNS, Source
from vocabulary.texts import text

ALL = "*"
"""In a list of columns: every column of the source."""

Columns = frozenset[str] | Literal["*"]
"""Approved columns of a source beyond those approved with it; "*" in it: all its measurements."""


def _day(value: object) -> object:
    """A TOML date, or an ISO date in quotes; a time of day says more than an approval can mean."""
    if isinstance(value, str):
        return date.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError("not a date")


Day = Annotated[date, BeforeValidator(_day)]
Filled = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Count = Annotated[int, Field(strict=True, ge=1)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[^\s/\\\x00-\x1f]{1,64}$")]


class Approval(BaseModel):
    """An approval file, checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: Identifier
    title: Filled
    authority: Filled
    legal_basis: Filled
    decided_on: Day
    valid_from: Day
    valid_until: Day  # the last day
    purpose: Filled
    max_runs: Count | None = None  # None: no limit
    retention_days: Count  # of what a run makes
    extract_retention_days: Count  # of the delivered files
    recipients: tuple[Filled, ...]
    scorecards: tuple[Filled, ...] = ()  # versions of trained scorecards that may be put into use
    sources: Annotated[Mapping[str, Annotated[tuple[Filled, ...], Field(min_length=1)]], Field(min_length=1)]

    def columns(self) -> dict[str, Columns]:
        """Columns approved of each source beyond its identity columns, which are approved with it.

        Those of `BY_NAME_ONLY` are in it where the approval lists them.
        """
        return {source: _beyond_identity(listed) for source, listed in self.sources.items()}


def _beyond_identity(listed: Collection[str]) -> Columns:
    """What the list of a source approves beside the identity columns that come with it."""
    by_name = BY_NAME_ONLY.intersection(listed)
    if ALL in listed:
        return by_name | {ALL} if by_name else "*"
    return frozenset(listed) - set(IDENTITY_COLUMNS) | by_name


def parse_approval(toml: str, *, file: str, sources: Mapping[str, Source]) -> Approval:
    """Read an approval file and check it against the source specifications.

    Parameters
    ----------
    toml
        Text of the file.
    file
        Its name, for messages.
    sources
        Specifications by name; an approved source or column must be one of theirs.

    Raises
    ------
    ApprovalError
        With one line for each fault.
    """
    try:
        approval = Approval.model_validate(tomllib.loads(toml))
    except tomllib.TOMLDecodeError as error:
        raise ApprovalError("approval.not_toml", file=file, problem=error) from None
    except ValidationError as error:
        raise _broken([_fault(file, detail) for detail in error.errors(include_url=False)]) from None
    faults = [*_period_faults(approval, file), *_source_faults(approval, file, sources)]
    if faults:
        raise _broken(faults)
    return approval


def _broken(lines: Collection[str]) -> ApprovalError:
    return ApprovalError("approval.broken", lines="\n".join(dict.fromkeys(lines)))


RULES = {
    "missing": "approval.field_missing",
    "extra_forbidden": "approval.field_unknown",
    "string_too_short": "approval.field_blank",
    "too_short": "approval.field_blank",
    "string_pattern_mismatch": "approval.field_not_id",
    "greater_than_equal": "approval.field_not_count",
    "int_type": "approval.field_not_count",
    "value_error": "approval.field_not_date",
    "string_type": "approval.field_not_text",
    "tuple_type": "approval.field_not_list",
    "mapping_type": "approval.field_not_table",
}
"""Text of each rule that a field can break, by pydantic's name of it."""


def _fault(file: str, detail: ErrorDetails) -> str:
    field = ".".join(str(part) for part in detail["loc"])
    known = ", ".join(Approval.model_fields)
    return text(RULES.get(detail["type"], "approval.field_malformed"), file=file, field=field, known=known)


def _period_faults(approval: Approval, file: str) -> list[str]:
    if approval.valid_until >= approval.valid_from:
        return []
    return [text("approval.period_reversed", file=file, start=approval.valid_from, end=approval.valid_until)]


def _source_faults(approval: Approval, file: str, sources: Mapping[str, Source]) -> list[str]:
    faults = []
    for name, columns in approval.sources.items():
        if name not in sources:
            faults.append(text("approval.source_unknown", file=file, source=name, known=", ".join(sources)))
            continue
        known = {ALL, *sources[name].headers()}
        faults += [
            text("approval.column_unknown", file=file, source=name, column=column)
            for column in columns
            if column not in known
        ]
    return faults


def approval_of(stored: str) -> Approval:
    """The approval in a registered text, which was checked when it was registered."""
    content: dict[str, Any] = tomllib.loads(stored)
    return Approval.model_validate(content)
