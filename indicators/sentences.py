"""What changed of one indicator, as sentences: before and now, first or again, the usual range, the grade, the rank."""

from collections.abc import Mapping
from math import floor
from typing import Any

from indicators.rules import Indicator, Word
from vocabulary.texts import Language, text

Fact = Mapping[str, Any]
"""A row of `indicators.evidence.evidence`."""

TIDY = 6
"""Decimals to which a number is taken before it is rounded: 2.2499999999 is 2.25."""


def sentences(fact: Fact, rule: Indicator, language: Language) -> str:
    """All that is said of one indicator of a flag.

    Parameters
    ----------
    fact : mapping
        value, before, before_year, year, entry, expected, usual_low, usual_high, percentile, norm, alike, of, reached;
        each but value and year null where unknown.
    rule : Indicator
        The indicator it is of.
    language : Language
        ja or en.
    """
    now = said(fact["value"], rule, language)
    before = None if fact["before"] is None else said(fact["before"], rule, language)
    key = _verb(fact, rule, now, before)
    parts = [_change(key, fact, rule, language, now, before), _entry(fact, rule, language)]
    if rule.model == "growth":
        parts += [_expected(key, fact, rule, language), _range(fact, rule, language), _rank(fact, rule, language)]
    else:
        parts.append(_count(fact, rule, language, now, before))
    return ("" if language == "ja" else " ").join(part for part in parts if part)


def said(value: float, rule: Indicator, language: Language) -> str:
    """A value as people say it: its word where it has one, else its amount with the unit."""
    word = _word(value, rule)
    return str(getattr(word, language)) if word else amount(number(value, rule), rule, language)


def amount(written: str, rule: Indicator, language: Language) -> str:
    """A written number, or a range, with its unit; `(s)` in the rules' English is the plural's ending."""
    singular = written.rstrip("0").rstrip(".") == "1" if "." in written else written == "1"
    unit = str(getattr(rule.amount, language)).replace("(s)", "" if singular else "s")
    return unit.format(value=written)


def number(value: float, rule: Indicator) -> str:
    """A value with the rule's decimals, halves rounded up, as people do it."""
    scale: int = 10**rule.decimals
    return f"{floor(round(value * scale, TIDY) + 0.5) / scale:.{rule.decimals}f}"


def _word(value: float, rule: Indicator) -> Word | None:
    return next((word for word in rule.words if word.value == value), None)


def _verb(fact: Fact, rule: Indicator, now: str, before: str | None) -> str:
    """Name of the text that says how the value came to be."""
    if before is None:
        return "first"
    if now == before:
        return "same"
    if (fact["value"] - fact["before"]) * rule.sign < 0:
        return "stands"
    if rule.words:
        return "turned"
    return "rose" if fact["value"] > fact["before"] else "fell"


def _change(key: str, fact: Fact, rule: Indicator, language: Language, now: str, before: str | None) -> str:
    words = {"title": getattr(rule.title, language), "now": now}
    if before is not None:
        words |= {"before": before, "when": _when(fact, language)}
    return text(f"reason.{key}", language=language, **words)


def _when(fact: Fact, language: Language) -> str:
    if fact["before_year"] == fact["year"] - 1:
        return text("reason.year_before", language=language)
    return text("reason.year", language=language, year=fact["before_year"])


def _entry(fact: Fact, rule: Indicator, language: Language) -> str:
    """First entry, again or still so; nothing where there is no earlier record to tell it from."""
    entry = fact["entry"]
    if entry is None or fact["before"] is None:
        return ""
    if rule.model == "transitions":
        return text(f"reason.step_{entry}", language=language)
    return text(f"reason.entry_{entry}", language=language, mark=_mark(rule, language))


def _mark(rule: Indicator, language: Language) -> str:
    """The mark at which the first level begins."""
    if rule.on != "value":
        end = "high" if rule.sign > 0 else "low"
        return text(f"reason.mark_{end}_of_{rule.on}", language=language)
    return _beyond(amount(f"{rule.levels[0].begins:g}", rule, language), rule, language)


def _beyond(mark: str, rule: Indicator, language: Language) -> str:
    return text("reason.mark_from" if rule.sign > 0 else "reason.mark_to", language=language, mark=mark)


def _expected(key: str, fact: Fact, rule: Indicator, language: Language) -> str:
    """What was to be expected, where the value itself did not move for the worse."""
    if key not in ("same", "stands") or fact["expected"] is None:
        return ""
    return text("reason.expected", language=language, expected=said(fact["expected"], rule, language))


def _range(fact: Fact, rule: Indicator, language: Language) -> str:
    """The child's usual range and the median of the grade, as far as they are known."""
    words, key = {}, []
    if fact["before"] is not None and fact["usual_low"] is not None:
        low, high = number(fact["usual_low"], rule), number(fact["usual_high"], rule)
        both = low if low == high else text("reason.range", language=language, low=low, high=high)
        words["usual"] = amount(both, rule, language)
        key.append("usual")
    if fact["norm"] is not None:
        words["norm"] = said(fact["norm"], rule, language)
        key.append("norm_by_sex" if rule.by_sex else "norm")
    return text(f"reason.{'_and_'.join(key)}", language=language, **words) if key else ""


def _rank(fact: Fact, rule: Indicator, language: Language) -> str:
    """The percentile as children out of 100. Beyond 99 the model's tail is not known well enough to say more."""
    percentile = fact["percentile"]
    if percentile is None or fact["before"] is None:
        return ""
    count = min(max(floor(percentile + 0.5), 1), 99)
    return text("reason.above" if rule.sign > 0 else "reason.below", language=language, count=count)


def _count(fact: Fact, rule: Indicator, language: Language, now: str, before: str | None) -> str:
    """How many children with the same value before, or of the grade, are at this value."""
    if fact["of"] is None or fact["of"] <= 1:
        return ""
    words = {"of": f"{fact['of']:,}", "count": f"{fact['reached']:,}", "now": _exact_or_beyond(now, rule, language)}
    if not fact["alike"]:
        return text("reason.of_grade", language=language, **words)
    if rule.words:
        before = text("reason.quoted", language=language, word=before)
    return text("reason.alike", language=language, before=before, when=_when(fact, language), **words)


def _exact_or_beyond(now: str, rule: Indicator, language: Language) -> str:
    return text("reason.quoted", language=language, word=now) if rule.words else _beyond(now, rule, language)
