from pathlib import Path

from indicators.docs import page
from indicators.judgement_docs import basis
from indicators.judgement_rules import SCOPES, load_judgement_rules
from indicators.rules import load_rules

RULES, STEPS = load_rules(), load_judgement_rules()
PAGE = page(RULES, STEPS)


def test_the_committed_page_is_what_the_rules_generate():
    assert Path("docs/indicators.md").read_text(encoding="utf-8") == PAGE, (
        "run: python -m indicators.docs > docs/indicators.md"
    )


def test_every_indicator_and_mark_is_on_the_page_with_its_basis():
    for name, rule in RULES.indicators.items():
        assert f"(`{name}`)" in PAGE
        for cut in rule.levels:
            compare = "≥" if rule.worse == "higher" else "≤"
            assert f"| {cut.level} | {compare} {cut.begins:g} | {basis(cut)} |" in PAGE


def test_every_step_of_the_judgements_is_on_the_page_with_its_basis():
    for scope in SCOPES:
        for step in STEPS.steps(scope):
            (line,) = [line for line in section(scope).splitlines() if f"| {step.judgement} `{step.name}` |" in line]
            assert step.ja in line
            assert step.en in line
            assert line.endswith(f"| {basis(step)} |")


def section(scope: str) -> str:
    return PAGE.split(f"(`{scope}`)\n", 1)[1].split("\n### ", 1)[0]


def test_both_versions_are_on_the_page():
    assert RULES.version[:12] in PAGE
    assert STEPS.version[:12] in PAGE


def test_the_page_says_which_reference_of_growth_is_in_use():
    assert "same year, grade and sex" in PAGE
