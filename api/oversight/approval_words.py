"""An approval in words: its terms, its sources and columns, and where in a file's text what is wrong with it stands."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from governance.approval import ALL, Approval
from governance.approval_kinds import NEEDS
from governance.denied import group_title, without_basis
from governance.population import Population
from governance.register import Registered, State
from vocabulary.errors import ApprovalError
from vocabulary.source import BY_NAME_ONLY, IDENTITY_COLUMNS, Measurement, Source
from vocabulary.texts import Language, text

TERMS = (
    "title",
    "kind",
    "authority",
    "legal_basis",
    "purpose",
    "decided_on",
    "valid_from",
    "valid_until",
    "max_runs",
    "retention_days",
    "extract_retention_days",
    "recipients",
    "conditions",
    "scorecards",
    "rules",
)
"""Fields that are told one below the other; sources, columns and population have parts of their own."""

AT_LINE = re.compile(r"at line (\d+)")


@dataclass(frozen=True)
class ColumnWords:
    """A column that may be read, what it is called, what it may hold, and the basis the approval states for it."""

    column: str
    name: str
    values: str
    basis: str | None


@dataclass(frozen=True)
class SourceWords:
    """A source that may be read, and its columns; `names` are those that say whose record it is."""

    source: str
    title: str
    names: tuple[str, ...]
    columns: tuple[ColumnWords, ...]


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file, and the line of its text where it stands, from 1; None where no line is to blame."""

    line: int | None
    words: str


def terms(approval: Approval, language: Language) -> list[tuple[str, str]]:
    """Name and content of each term that is stated."""
    stated = approval.model_dump(mode="json")
    if approval.kind is not None:
        stated["kind"] = NEEDS[approval.kind].name if language == "ja" else str(approval.kind).replace("_", " ")
    rows = [(text(f"output.approval_{field}", language=language), written(stated[field])) for field in TERMS]
    return [(name, content) for name, content in rows if content]


def written(value: Any) -> str:
    """A value as a cell tells it; empty where there is none."""
    if isinstance(value, (list, tuple)):
        return "\n".join(map(str, value))
    if isinstance(value, dict):
        return "\n".join(f"{name}: {written(part)}" for name, part in value.items() if part)
    return "" if value is None else str(value)


def columns(approval: Approval, sources: Mapping[str, Source], language: Language) -> list[SourceWords]:
    """What may be read, source by source."""
    found = []
    for name, granted in approval.columns().items():
        source = sources.get(name)
        known = {} if source is None else source.measurements
        read = [one for one in known if one in granted or ALL in granted]
        gone = sorted(set(granted) - set(known) - {ALL} - BY_NAME_ONLY)  # a specification may have changed since
        bases = approval.legal_bases.get(name, {})
        told = [
            ColumnWords(one, header(one, known[one], language), values(known[one], language), bases.get(one))
            for one in read
        ] + [ColumnWords(one, one, text("overseeing.column_unknown", language=language), None) for one in gone]
        identity = [one for one in IDENTITY_COLUMNS if one not in BY_NAME_ONLY or one in granted]
        title = name if source is None else str(getattr(source.title, language))
        words = tuple(text(f"overseeing.identity_{one}", language=language) for one in identity)
        found.append(SourceWords(name, title, words, tuple(told)))
    return found


def header(column: str, measurement: Measurement, language: Language) -> str:
    """What a column is called: in Japanese by its first Japanese header, else by its name."""
    japanese = [one for one in measurement.header if not one.isascii()]
    return japanese[0] if language == "ja" and japanese else column.replace("_", " ")


def values(measurement: Measurement, language: Language) -> str:
    """What a column may hold."""
    if measurement.values:
        return ("、" if language == "ja" else ", ").join(measurement.values)
    said = text(f"paper.type_{measurement.type}", language=language)
    return f"{said} ({measurement.unit})" if measurement.unit else said


def population(stated: Population | None, language: Language) -> list[str]:
    """Whose rows may be read, a sentence each rule."""

    def say(key: str, **given: object) -> str:
        return text(f"overseeing.population_{key}", language=language, **given)

    if stated is None:
        return [say("all")]
    lines = []
    if stated.ages is not None:
        lines.append(say("ages", low=stated.ages[0], high=stated.ages[1]))
    if stated.towns:
        lines.append(say("towns", towns=("、" if language == "ja" else ", ").join(stated.towns)))
    for source, held in stated.columns.items():
        lines += [say("column", source=source, column=one, values=", ".join(kept)) for one, kept in held.items()]
    if stated.listed:
        lines.append(say("listed", digest=stated.listed[:12]))
    return [*lines, say(f"unknown_{stated.unknown}")]


def state_words(registered: Registered, today: date, language: Language) -> str:
    """Where an approval stands today: one in force outside its period is not said to be in force."""
    approval = registered.approval
    if registered.state is not State.IN_FORCE:
        return text(f"output.state_{registered.state.value}", language=language)
    begin = max(approval.valid_from, approval.decided_on)
    key = "not_yet" if today < begin else "expired" if today > approval.valid_until else "in_force"
    return text(f"overseeing.state_{key}", language=language)


def changed(old: Approval, new: Approval, differences: Mapping[str, tuple[Any, Any]], language: Language) -> list[Any]:
    """Fields in which two versions differ: name, what was said, what is said now, and of lists what went and came."""
    rows = []
    for field, (before, now) in differences.items():
        gone, come = _parts(before) - _parts(now), _parts(now) - _parts(before)
        rows.append(
            {
                "field": text(f"output.approval_{field}", language=language),
                "before": written(before),
                "now": written(now),
                "gone": sorted(gone),
                "come": sorted(come),
            }
        )
    return rows


def _parts(value: Any) -> set[str]:
    """Members of a list, and of a table `name.member`; of a single value none."""
    if isinstance(value, list):
        return set(map(str, value))
    if isinstance(value, dict):
        nested = ((name, part) for name, part in value.items() if part)
        return {f"{name}.{one}" for name, part in nested for one in (_parts(part) or {str(part)})}
    return set()


def denied_in(approval: Approval, sources: Mapping[str, Source]) -> list[str]:
    """Columns that the approval reads and that stand on the list of what needs a basis of its own, without one."""
    return [
        f"{name}.{one.column}: {group_title(one.group)}"
        for name, granted in approval.columns().items()
        if name in sources
        for one in without_basis(sources[name], granted, approval.legal_bases.get(name, {}))
    ]


def faults(error: ApprovalError, toml: str, file: str) -> list[Fault]:
    """What is wrong with a text, each fault with the line that its field stands on."""
    found = []
    for line in str(error).splitlines():
        words = line.removeprefix(f"{file}: ")
        at = AT_LINE.search(words)
        named = words.partition(": ")[0]
        found.append(Fault(int(at[1]) if at else line_of(toml, named.split(".")), words))
    return found


def line_of(toml: str, path: Sequence[str]) -> int | None:
    """The line on which a field stands, from 1; of a field that is not there, that of its table; else None."""
    table: tuple[str, ...] = ()
    best: tuple[int, int] | None = None  # how much of the path is met, and where
    for number, line in enumerate(toml.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("["):
            table = tuple(part.strip(" \"'") for part in stripped.strip("[] ").split("."))
            here = table
        else:
            here = (*table, *(part.strip(" \"'") for part in stripped.partition("=")[0].split(".")))
        met = next((size for size in range(len(here), 0, -1) if tuple(path[:size]) == here), 0)
        if met and (best is None or met > best[0]):
            best = met, number
    return None if best is None else best[1]
