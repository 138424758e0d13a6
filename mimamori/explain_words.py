"""An explanation in the reader's words: what each step of a reading is called and says, circumstances, time, groups."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from linkage.circumstances import YEARS_BETWEEN
from linkage.explaining import CIRCUMSTANCES, Contribution, Explanation, Reading
from vocabulary.fiscal import fiscal_year
from vocabulary.texts import text

if TYPE_CHECKING:
    from mimamori.explain import Group, PairShown
    from mimamori.side_by_side import Value

OTHER_READING = "other_reading"
"""Term of what the reading that does not decide leaves open."""

READINGS: tuple[Reading, ...] = ("strangers", "siblings")

LAST_CHARACTERS = 4
"""Of a source's number, where it only tells one group of records from another."""


@dataclass(frozen=True)
class Step:
    """A step of a waterfall: what it is called, what it says, its bits, the sum before and after it."""

    name: str
    said: str
    bits: float
    before: float
    after: float


def steps(explanation: Explanation, reading: Reading) -> tuple[Step, ...]:
    """The contributions of a reading one upon the other; of the one that decides, up to the evidence."""
    contributions: tuple[Contribution, ...] = getattr(explanation, reading)
    if explanation.decided_by == reading:
        contributions = (*contributions, Contribution(OTHER_READING, explanation.other_reading))
    found: list[Step] = []
    for one in contributions:
        before = found[-1].after if found else 0.0
        name = text(f"explain.term_{one.term}")
        found.append(Step(name, said(one, reading), one.bits, before, before + one.bits))
    return tuple(found)


def total_name(explanation: Explanation, reading: Reading) -> str:
    """What the sum of a reading's steps is called."""
    return text("explain.term_evidence" if explanation.decided_by == reading else "explain.term_total")


def said(contribution: Contribution, reading: Reading) -> str:
    """What a contribution rests on."""
    if contribution.term == "prior" and reading == "siblings":
        return text("explain.said_prior_siblings")
    if contribution.term in (*CIRCUMSTANCES, OTHER_READING):
        return text(f"explain.said_{contribution.term}")
    if contribution.level is None:
        return text("explain.nothing")
    level = level_name(contribution.term, contribution.level)
    if contribution.frequency is None or contribution.frequency_bits is None:
        return level
    rare = text(
        "explain.frequency", one_in=f"{1 / contribution.frequency:,.0f}", bits=signed(contribution.frequency_bits)
    )
    return text("explain.with_frequency", level=level, frequency=rare)


def level_name(comparison: str, level: str) -> str:
    """A level of agreement (`linkage.levels.level_key`) of a comparison."""
    return text(f"explain.level_{comparison}_{level}")


def signed(bits: float) -> str:
    """Bits with their sign, to a tenth; none where that is 0."""
    rounded = round(bits, 1)
    return f"{rounded:+.1f}".replace("-", "−") if rounded else "0.0"


def probability_said(probability: float) -> str:
    """A probability to four decimals, never rounded up to 1."""
    return ">0.9999" if probability > 0.9999 else f"{probability:.4f}"


def reading_title(explanation: Explanation, reading: Reading) -> str:
    """What a reading weighs against what."""
    twins = reading == "siblings" and explanation.like_twins
    return text(f"explain.reading_{reading}_twin" if twins else f"explain.reading_{reading}")


def time_said(years: int) -> str:
    """A class of the time between two profiles."""
    if years == 0:
        return text("explain.time_none", high=YEARS_BETWEEN[0])
    if years == len(YEARS_BETWEEN):
        return text("explain.time_more", low=YEARS_BETWEEN[-1])
    return text("explain.time_between", low=YEARS_BETWEEN[years - 1], high=YEARS_BETWEEN[years])


def time_short(years: int) -> str:
    """A class of the time between two profiles, for a header."""
    if years == 0:
        return text("explain.short_none", high=YEARS_BETWEEN[0])
    if years == len(YEARS_BETWEEN):
        return text("explain.short_more", low=YEARS_BETWEEN[-1])
    return text("explain.short_between", low=YEARS_BETWEEN[years - 1], high=YEARS_BETWEEN[years])


def group_name(group: "Group") -> str:
    """A group of records by its source, the end of its number and its fiscal years."""
    first, last = fiscal_year(group.first), fiscal_year(group.last)
    key = "explain.side_one_year" if first == last else "explain.side"
    return text(key, source=group.source, number=group.local_id[-LAST_CHARACTERS:], first=first, last=last)


def pair_said(shown: "PairShown") -> list[str]:
    """What the run made of a pair, and the circumstances that are not part of the sum."""
    left, right, joining = shown.left.person_id, shown.right.person_id, shown.joining
    lines = [
        text("explain.one_person", person=left)
        if left == right
        else text("explain.two_persons", left=left, right=right)
    ]
    if not shown.compared:
        lines.append(text("explain.not_compared"))
    elif joining is None:
        lines.append(text("explain.joined_elsewhere" if left == right else "explain.apart_elsewhere"))
    else:
        key = "explain.joined_here" if joining.joined else "explain.apart_here"
        lines.append(text(key, bits=signed(joining.bits)))
        if joining.verdict is not None:
            lines.append(text("explain.by_review", verdict=text(f"review.verdict_{joining.verdict}")))
    lines.append(text(f"explain.decided_{shown.explanation.decided_by}"))
    if shown.explanation.against < 0:
        lines.append(text("explain.against", bits=signed(shown.explanation.against)))
    return lines


def values_said(values: Iterable["Value"]) -> list[str]:
    """Values with the fiscal years in which they were shown."""
    return [f"{one.value} ({one.first if one.first == one.last else f'{one.first}–{one.last}'})" for one in values]
