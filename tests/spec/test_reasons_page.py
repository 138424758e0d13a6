"""docs/reasons.md: every kind and key of the code is on it and no other, and its examples are what the code writes."""

import json
import re
from datetime import date

from indicators.notes import last_update_entry, link_entry, missing_entry, not_known_entry, partial_entry
from indicators.reasons import EVERY, FORMS, ask_entry, change_entry, other_entry
from indicators.rules import load_rules
from tests.structure.test_imports import ROOT
from vocabulary.source import load_sources

PAGE = (ROOT / "docs/reasons.md").read_text(encoding="utf-8")
RULES = load_rules()
TITLES = {name: source.title for name, source in load_sources().items()}

SCORE = {
    "indicator": "score_math",
    "value": 38.2,
    "before": 51.4,
    "before_year": 2024,
    "year": 2025,
    "entry": "first",
    "level": 2,
    "previous_level": 0,
    "change_z": 1.9,
    "percentile": 97.128344,
    "expected": 50.8,
    "usual_low": 46.3,
    "usual_high": 55.3,
    "norm": 50.1,
    "alike": None,
    "of": None,
    "reached": None,
    "contribution": 0.41,
}
ARREARS = SCORE | {
    "indicator": "lunch_fee_arrears",
    "value": 4.0,
    "before": 0.0,
    "change_z": 2.1,
    "percentile": 98.213558,
    "expected": None,
    "usual_low": 0.0,
    "usual_high": 0.0,
    "norm": None,
    "alike": True,
    "of": 412,
    "reached": 5,
    "contribution": 0.36,
}
YEAR = {"year": 2025, "source": "welfare"}


def examples() -> list[dict[str, object]]:
    """One entry of each kind, in the order in which they are listed."""
    return [
        change_entry(SCORE, RULES.indicators["score_math"]),
        change_entry(ARREARS, RULES.indicators["lunch_fee_arrears"]),
        other_entry({"perseverance": 0.02, "lateness": 0.03}),
        ask_entry("learning"),
        missing_entry(YEAR | {"delivered": True, "last": date(2024, 4, 1)}, TITLES),
        not_known_entry(YEAR | {"indicator": ["fitness", "study_habit"]}, RULES),
        partial_entry(
            {
                "year": 2025,
                "source": "school",
                "records": 6,
                "first": date(2025, 4, 1),
                "last": date(2025, 9, 1),
                "usual": 12,
                "rate": True,
            },
            TITLES,
        ),
        link_entry({"link_confidence": 0.934}),
        last_update_entry(
            {
                "source": ["health", "school"],
                "last": [date(2023, 4, 1), date(2025, 9, 1)],
                "whole": [date(2025, 4, 1), date(2025, 9, 1)],
            },
            TITLES,
        ),
    ]


def test_the_page_has_every_kind_and_key():
    sections = re.split(r"^### \d ", PAGE, flags=re.MULTILINE)[1:]
    told = {
        match[1]: tuple(re.findall(r"^\| `(\w+)` \|", section.split("## 例")[0], re.MULTILINE))
        for section in sections
        if (match := re.match(r"`(\w+)`", section))
    }
    assert told == dict(FORMS)
    assert list(told) == re.findall(r"^\| `(\w+)` \|.*\[\d\]", PAGE, re.MULTILINE)
    assert all(f"`{key}`" in PAGE.split("## 種類")[0] for key in EVERY)


def test_the_examples_are_what_the_code_writes():
    [block] = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    shown = json.loads(block)
    assert shown == examples()
    assert [kind for kind in FORMS if kind in {entry["kind"] for entry in shown}] == list(FORMS)
    for entry in shown:
        assert set(entry) == {*EVERY, *FORMS[entry["kind"]]}
