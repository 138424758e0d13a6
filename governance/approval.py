"""An approval: who allowed which sources and columns to be read, for what, on what legal basis, until when.

Its file is TOML (section 1 of the contract). Reading it checks every field; one bad field gives one line that names
the file, the field, the rule and the remedy.
"""

import tomllib
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from governance.approval_kinds import KIND_OF, NEEDS, ApprovalKind
from governance.columns import ALL as ALL
from governance.columns import Columns as Columns
from governance.denied import group_title, without_basis
from governance.population import Population
from vocabulary.errors import ApprovalError
from vocabulary.source import BY_NAME_ONLY, IDENTITY_COLUMNS, Source
from vocabulary.texts import text


def _day(value: object) -> object:
    """A TOML date, or an ISO date in quotes; a time of day says more than an approval can mean."""
    if isinstance(value, str):
        return date.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError("not a date")


def _kind(value: object) -> object:
    """A kind by its Japanese or its English name."""
    return KIND_OF.get(value, value) if isinstance(value, str) else value


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
    kind: Annotated[ApprovalKind | None, BeforeValidator(_kind)] = None  # None: nothing of `NEEDS` is asked
    countersigned_by: tuple[Filled, ...] = ()  # sources whose owners countersign beside those its kind asks
    conditions: tuple[Filled, ...] = ()  # shown at every run
    population: Population | None = None  # None: every row
    legal_bases: Mapping[str, Mapping[str, Filled]] = {}  # of columns on the list of `governance.denied`, by source
    rules: Mapping[Literal["indicators", "judgements"], Filled] = {}  # versions that a run must have

    @model_validator(mode="before")
    @classmethod
    def _period_of_its_kind(cls, stated: Any) -> Any:
        """Without `valid_until`, the period of the kind that is stated."""
        if not isinstance(stated, dict) or "valid_until" in stated:
            return stated
        kind = KIND_OF.get(stated["kind"]) if isinstance(stated.get("kind"), str) else None
        try:
            begin = _day(stated.get("valid_from"))
        except ValueError:
            return stated
        if kind is None or not isinstance(begin, date):
            return stated
        return stated | {"valid_until": last_day(begin, NEEDS[kind].years)}

    def columns(self) -> dict[str, Columns]:
        """Columns approved of each source beyond its identity columns, which are approved with it.

        Those of `BY_NAME_ONLY` are in it where the approval lists them.
        """
        return {source: _beyond_identity(listed) for source, listed in self.sources.items()}

    def countersigners(self) -> tuple[str, ...]:
        """Sources whose owners have to countersign."""
        if self.kind is not None and NEEDS[self.kind].countersigned:
            return tuple(self.sources)
        return self.countersigned_by


def last_day(begin: date, years: int) -> date:
    """The day before the anniversary of `begin`; 29 February has its anniversary on 1 March."""
    try:
        return begin.replace(year=begin.year + years) - timedelta(days=1)
    except ValueError:
        return date(begin.year + years, 2, 28)


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
    faults = [
        *_period_faults(approval, file),
        *_source_faults(approval, file, sources),
        *_kind_faults(approval, file),
        *_named_faults(approval, file, sources),
        *_denied_faults(approval, file, sources),
    ]
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
    "model_type": "approval.field_not_table",
    "enum": "approval.kind_unknown",
    "population_ages": "approval.population_ages",
    "population_digest": "approval.population_digest",
    "population_empty": "approval.population_empty",
}
"""Text of each rule that a field can break, by pydantic's name of it."""


def _fault(file: str, detail: ErrorDetails) -> str:
    field = ".".join(str(part) for part in detail["loc"])
    key = RULES.get(detail["type"], "approval.field_malformed")
    fields = Population.model_fields if detail["loc"][:1] == ("population",) else Approval.model_fields
    kinds = ", ".join(f"{needs.name} ({kind})" for kind, needs in NEEDS.items())
    return text(key, file=file, field=field, known=", ".join(fields), kinds=kinds)


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


def _kind_faults(approval: Approval, file: str) -> list[str]:
    """What an approval of its kind lacks."""
    if approval.kind is None:
        return []
    needs = NEEDS[approval.kind]
    kind = f"{needs.name} ({approval.kind})"
    faults = [
        text("approval.kind_needs", file=file, field=field, kind=kind)
        for field in needs.fields
        if not getattr(approval, field)
    ]
    if needs.authority and not any(word in approval.authority for word in needs.authority):
        faults.append(text("approval.kind_authority", file=file, kind=kind, words=" / ".join(needs.authority)))
    longest = last_day(approval.valid_from, needs.years)
    if approval.valid_until > longest:
        faults.append(text("approval.kind_period", file=file, kind=kind, years=needs.years, longest=longest))
    return faults


def _named_faults(approval: Approval, file: str, sources: Mapping[str, Source]) -> list[str]:
    """Sources and columns that the optional tables name and the approval does not grant."""
    granted = approval.columns()
    faults = [
        text("approval.not_granted", file=file, field="countersigned_by", name=source)
        for source in approval.countersigned_by
        if source not in granted
    ]
    population = approval.population.columns if approval.population else {}
    for field, tables in (("population.columns", population), ("legal_bases", approval.legal_bases)):
        for source, columns in tables.items():
            known = sources[source].headers() if source in granted and source in sources else {}
            read = {*IDENTITY_COLUMNS, *granted.get(source, ())} if ALL not in granted.get(source, ()) else {*known}
            faults += [
                text("approval.not_granted", file=file, field=field, name=f"{source}.{column}")
                for column in columns
                if column not in known or column not in read
            ]
    return faults


def _denied_faults(approval: Approval, file: str, sources: Mapping[str, Source]) -> list[str]:
    return [
        text("approval.denied", file=file, source=name, column=one.column, name=one.name, group=group_title(one.group))
        for name, granted in approval.columns().items()
        if name in sources
        for one in without_basis(sources[name], granted, approval.legal_bases.get(name, {}))
    ]


def approval_of(stored: str) -> Approval:
    """The approval in a registered text, which was checked when it was registered."""
    content: dict[str, Any] = tomllib.loads(stored)
    return Approval.model_validate(content)
