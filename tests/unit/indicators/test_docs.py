from pathlib import Path

from indicators.docs import page
from indicators.rules import load_rules


def test_the_committed_page_is_what_the_rules_generate():
    assert Path("docs/indicators.md").read_text(encoding="utf-8") == page(load_rules()), (
        "run: python -m indicators.docs > docs/indicators.md"
    )


def test_every_indicator_and_mark_is_on_the_page():
    rules = load_rules()
    text = page(rules)
    for name, rule in rules.indicators.items():
        assert f"(`{name}`)" in text
        for cut in rule.levels:
            assert f"| {cut.level} | {'≥' if rule.worse == 'higher' else '≤'} {cut.begins:g} |" in text
