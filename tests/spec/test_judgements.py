"""The table beside this file: what is known of a child, and the judgements it gives. It is documentation too."""

import json
from datetime import date

import polars as pl
import pytest

from indicators.judgement_rules import DOMAINS, load_judgement_rules
from indicators.judgements import judge
from indicators.rules import load_rules
from tests.spec import judgements_page as page
from tests.unit.indicators.tables import persons
from vocabulary.frames import INDICATORS

RULES, STEPS = load_rules(), load_judgement_rules()
CASES = [(section, known, judged) for section, rows in page.table().items() for known, judged in rows.items()]


def found(known):
    """Judgements of one child of whom `known` is known."""
    day = date(2024, 4, 1)
    rows = [
        {"person_id": "p", "year": 2024, "as_of": day, "indicator": name, "value": float(level), "level": level}
        | {"percentile": percentile, "entry": entry}
        for name, (level, percentile, entry) in page.facts(known).items()
    ]
    return judge(pl.DataFrame(rows, schema=INDICATORS), persons(["p"]), RULES, STEPS)


@pytest.mark.parametrize(("section", "known", "judged"), CASES)
def test_judgements(section, known, judged):
    assert dict(found(known).select("domain", "judgement").iter_rows()) == page.judgements(judged)


def test_every_step_of_the_rules_has_an_example():
    first = [json.loads(basis)[0] for _, known, _ in CASES for basis in found(known)["basis"]]
    steps = {f"{scope}.{step.name}" for scope in (*DOMAINS, "overall") for step in STEPS.steps(scope)}
    assert {entry["rule"] for entry in first if "rule" in entry} == steps


def test_the_page_is_made_from_the_table():
    assert page.PAGE.read_text(encoding="utf-8") == page.page(RULES, STEPS), "run: python -m tests.spec.judgements_page"
